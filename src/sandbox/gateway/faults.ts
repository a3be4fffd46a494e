import {
  type ChosenOf,
  FaultScripts,
  type OccasionOf,
  type Scripted,
  type ScriptSettings,
} from '../fault-script.ts';
import type { Store } from '../store.ts';

/**
 * What can go wrong, by what it befalls.
 * `answer`: a call. `payout`, `payment`, `mandate`, `refund`, `account`: the life of one, drawn when it begins.
 * `webhook`: one event. `row`: a line of a settlement. `settlement`: one as a whole.
 */
export const FAULTS = {
  answer: [
    'commit-then-500',
    'commit-then-hang',
    'commit-then-reset',
    'commit-then-garbage',
    'error-500',
    'reset',
    'rate-limited',
    'rate-limited-bare',
    'key-mismatch',
    'webhook-first',
  ],
  payout: [
    'slow-processed',
    'slow-reversed',
    'slow-failed',
    'processed-reversed',
    'failed',
    'failed-reversed',
    'failed-processed',
    'queued',
    'pending',
    'rejected',
  ],
  payment: ['payment-failed', 'late-authorised'],
  mandate: ['mandate-bounced', 'mandate-slow'],
  refund: ['refund-failed', 'refund-running'],
  account: ['account-invalid', 'name-differs', 'check-failed'],
  webhook: ['duplicate', 'swapped', 'delayed', 'missing', 'forged', 'old-secret'],
  row: [
    'row-missing',
    'row-extra',
    'amount-off',
    'fee-off',
    'tax-off',
    'split',
    'wrong-currency',
    'wrong-status',
    'late',
  ],
  settlement: ['adjustment', 'duplicate-utr'],
} as const;

export type FaultGroup = keyof typeof FAULTS;
export type GatewayFault = (typeof FAULTS)[FaultGroup][number];

/**
 * A fault that befalls exactly this subject: a reference, receipt, idempotency key, id, note `subject`, account
 * number or date.
 */
export type ScriptedFault = Scripted<GatewayFault>;
export type FaultSettings = ScriptSettings<GatewayFault>;
export type Chosen = ChosenOf<GatewayFault>;
export type Occasion = OccasionOf<typeof FAULTS>;

export const NO_GATEWAY_FAULTS: FaultSettings = {
  rates: {},
  failures_in_row_max: 3,
  days_max: 3,
  script: [],
};

export const MODEST_GATEWAY_FAULTS: FaultSettings = {
  ...NO_GATEWAY_FAULTS,
  rates: {
    ...{ 'commit-then-500': 20, 'commit-then-reset': 10, 'error-500': 20, reset: 10, 'rate-limited': 20 },
    ...{ 'webhook-first': 30, 'slow-processed': 30, 'slow-reversed': 10, failed: 20 },
    ...{ 'processed-reversed': 10, 'failed-reversed': 5, 'payment-failed': 30, 'late-authorised': 20 },
    ...{ 'mandate-bounced': 80, 'mandate-slow': 30, 'refund-failed': 10 },
    ...{ duplicate: 50, swapped: 30, delayed: 30, missing: 20, forged: 10, 'old-secret': 20 },
    ...{ 'row-missing': 5, 'row-extra': 5, 'amount-off': 3, 'fee-off': 5, 'tax-off': 3, split: 5, late: 10 },
    ...{ 'wrong-status': 2, adjustment: 20 },
  },
};

/** Every fault there is, each often. */
export const ALL_GATEWAY_FAULTS: FaultSettings = {
  ...NO_GATEWAY_FAULTS,
  rates: Object.fromEntries(Object.values(FAULTS).flatMap((names) => names.map((name) => [name, 40]))),
};

const FAULTS_OF_READS: readonly GatewayFault[] = [
  'error-500',
  'reset',
  'rate-limited',
  'rate-limited-bare',
  'commit-then-500',
  'commit-then-hang',
  'commit-then-reset',
  'commit-then-garbage',
];

/** The gateway's fault script. */
export class Faults extends FaultScripts<typeof FAULTS> {
  constructor(seed: number, settings: Partial<FaultSettings>, store: Store) {
    const all = { ...NO_GATEWAY_FAULTS, ...settings };
    super({ groups: FAULTS, ofReads: FAULTS_OF_READS, seed, settings: all, store });
  }
}
