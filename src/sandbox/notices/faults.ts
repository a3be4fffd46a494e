import {
  type ChosenOf,
  type FaultIn,
  FaultScripts,
  type OccasionOf,
  type Scripted,
  type ScriptSettings,
} from '../fault-script.ts';
import type { Store } from '../store.ts';

/**
 * What can go wrong, by what it befalls.
 * `answer`: a call to Brevo, 2Factor or FCM. `push`: one to FCM. `token`: one for an access token.
 * `greeting`, `login`, `recipient`, `mail`: a step of a talk with the SMTP server.
 * `mail-life`, `sms-life`: what becomes of a message that was accepted. `webhook`: one receipt.
 */
export const NOTICE_FAULTS = {
  answer: [
    'error-500',
    'unavailable',
    'bad-gateway',
    'reset',
    'hang',
    'rate-limited',
    'unauthorized',
    'forbidden',
    'no-credits',
    'refused',
    'commit-then-500',
    'commit-then-reset',
    'commit-then-cut',
    'commit-then-hang',
    'commit-then-garbage',
  ],
  push: ['unregistered', 'invalid-token', 'sender-mismatch', 'platform-refused', 'token-expired'],
  token: ['invalid-grant', 'invalid-client', 'token-500', 'token-reset', 'token-hang', 'token-garbage'],
  greeting: ['smtp-421', 'smtp-slow-banner'],
  login: ['smtp-535', 'smtp-454'],
  recipient: ['smtp-450', 'smtp-550'],
  mail: ['smtp-451', 'smtp-552', 'smtp-554', 'smtp-cut', 'smtp-commit-then-cut', 'smtp-commit-then-hang'],
  'mail-life': ['hard-bounce', 'soft-bounce', 'deferred', 'blocked', 'invalid-email', 'spam', 'unsubscribed'],
  'sms-life': ['dlt-rejected', 'undelivered', 'expired', 'pending'],
  webhook: ['duplicate', 'swapped', 'delayed', 'missing', 'forged', 'old-secret'],
} as const;

export type NoticeGroup = keyof typeof NOTICE_FAULTS;
export type NoticeFault = FaultIn<typeof NOTICE_FAULTS>;

/**
 * A fault that befalls exactly this subject: an address, an account's id, a tag, an idempotency key, a Message-ID;
 * `*` is whatever comes next. `call` is one of `brevo.send`, `brevo.events`, `two-factor.send`, `two-factor.receipt`,
 * `two-factor.balance`, `fcm.send`, `fcm.token`.
 */
export type ScriptedNoticeFault = Scripted<NoticeFault>;
export type NoticeFaultSettings = ScriptSettings<NoticeFault>;
export type ChosenNoticeFault = ChosenOf<NoticeFault>;
export type NoticeOccasion = OccasionOf<typeof NOTICE_FAULTS>;
export type NoticeRates = NoticeFaultSettings['rates'];

export const NO_NOTICE_FAULTS: NoticeFaultSettings = {
  rates: {},
  failures_in_row_max: 2,
  days_max: 1,
  script: [],
};

export const MODEST_NOTICE_FAULTS: NoticeFaultSettings = {
  ...NO_NOTICE_FAULTS,
  rates: {
    ...{ 'error-500': 15, unavailable: 15, 'bad-gateway': 5, reset: 10, 'rate-limited': 20 },
    ...{ 'commit-then-500': 5, 'commit-then-reset': 10, 'commit-then-cut': 5 },
    ...{ unregistered: 20, 'token-expired': 10, 'token-500': 10 },
    ...{ 'smtp-421': 10, 'smtp-450': 15, 'smtp-451': 10, 'smtp-commit-then-cut': 5 },
    ...{ 'hard-bounce': 15, 'soft-bounce': 15, deferred: 10, spam: 3, unsubscribed: 5 },
    ...{ 'dlt-rejected': 8, undelivered: 15, expired: 5, pending: 5 },
    ...{ duplicate: 50, swapped: 30, delayed: 20, missing: 20, forged: 10, 'old-secret': 10 },
  },
};

/** Every fault there is, each often; those that lock an account out as well. */
export const ALL_NOTICE_FAULTS: NoticeFaultSettings = {
  ...NO_NOTICE_FAULTS,
  rates: Object.fromEntries(Object.values(NOTICE_FAULTS).flatMap((names) => names.map((name) => [name, 30]))),
};

const FAULTS_OF_READS: readonly NoticeFault[] = NOTICE_FAULTS.answer;

/** The fault script of the notification providers. */
export class NoticeFaults extends FaultScripts<typeof NOTICE_FAULTS> {
  constructor(seed: number, settings: Partial<NoticeFaultSettings>, store: Store) {
    const all = { ...NO_NOTICE_FAULTS, ...settings };
    super({ groups: NOTICE_FAULTS, ofReads: FAULTS_OF_READS, seed, settings: all, store });
  }
}
