import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import email from '../../jobs/notification.email.ts';
import push from '../../jobs/notification.push.ts';
import sms from '../../jobs/notification.sms.ts';
import { SteppedClock } from '../../src/calendar/clock.ts';
import type { Transaction } from '../../src/db/pools.ts';
import { inTenant } from '../../src/db/transaction.ts';
import type { Channel } from '../../src/notifications/channels.ts';
import { LaneDuty } from '../../src/notifications/lane-duty.ts';
import { optOutLinks } from '../../src/notifications/opt-out/link.ts';
import { type Policy, policySchema, setPolicy } from '../../src/notifications/policy.ts';
import { setProviderAccount } from '../../src/notifications/providers/accounts.ts';
import { Connections } from '../../src/notifications/providers/connections.ts';
import type { Provider } from '../../src/notifications/providers/provider.ts';
import { createProviders, type Providers } from '../../src/notifications/providers/providers.ts';
import { jobsOf, type NotificationRequest, notificationRequest } from '../../src/notifications/request.ts';
import { type Pace, turnsOf } from '../../src/notifications/services.ts';
import { type ChannelStory, notificationStory } from '../../src/notifications/show.ts';
import type { JobDefinition, Services } from '../../src/runtime/definition.ts';
import { createEvents, type RuntimeEvents } from '../../src/runtime/events.ts';
import type { RuntimeOptions } from '../../src/runtime/runtime.ts';
import { NO_FAULTS } from '../../src/sandbox/faults.ts';
import type { Notices } from '../../src/sandbox/notices/notices.ts';
import type { NoticeOptions } from '../../src/sandbox/notices/settings.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { keyRingIn } from '../../src/secrets/key-ring.ts';
import { createSecretBox, type SecretBox } from '../../src/secrets/secret-box.ts';
import { NOON } from '../ledger/books.ts';
import { quiet, type TestRuntime, testRuntime } from '../support/runtime.ts';
import { until } from '../support/until.ts';

export const NOTIFICATION_JOBS = [email, sms, push] as unknown as JobDefinition[];

/** Half a second is long where providers are in the same process. */
const TIMEOUT_MS = 500;
const STRANGERS_MS = [5, 5, 5, 50, 100];
const CALLS_MAX = 16;

export interface Notifying {
  system: TestRuntime;
  notices: Notices;
  /** Where the key lies that credentials are sealed with. */
  key_file: string;
  clock: SteppedClock;
  run<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Accepts what a request asks for. @returns the notification's id */
  accept(request: Wish): Promise<string>;
  /** As accept, and waits until its jobs rest. */
  notify(request: Wish): Promise<ChannelStory[]>;
  story(id: string): Promise<ChannelStory[]>;
  /** Waits until all jobs of a notification rest. */
  rested(id: string): Promise<ChannelStory[]>;
  setPolicy(channel: Channel, policy: Partial<Policy>): Promise<void>;
  close(): Promise<void>;
}

type Wish = Partial<NotificationRequest>;
type Mailer = 'brevo' | 'smtp';

/** A text message to Asha that is like any other; with changes. */
export function textTo(phone: string, text: string, more: Wish = {}): Wish {
  return { type: 'SMS', recipient: { phone }, content: { sms: { text } }, ...more };
}

function providersAt(url: string): Providers {
  const urls = { brevo_url: url, two_factor_url: url, fcm_url: url };
  return createProviders({ ...urls, timeout_ms: TIMEOUT_MS, allow_private: true });
}

/** How the simulators at `url` are sent by. */
export function sendingServices(
  url: string,
  box: SecretBox,
  {
    unknown_ms = 20,
    strangers_ms = STRANGERS_MS,
    events = createEvents(),
    public_url,
  }: Partial<Omit<Pace, 'look_again_ms'>> & {
    events?: RuntimeEvents;
    public_url?: string | undefined;
  } = {},
): Services {
  const connections = new Connections({ providers: providersAt(url), box });
  const pace = { unknown_ms, strangers_ms, look_again_ms: 20 };
  const optOutLink = optOutLinks(box, public_url);
  return { notifications: { connections, optOutLink, turns: turnsOf(CALLS_MAX), events, pace } } as Services;
}

/** Real Postgres, the real carrier, the providers' simulators over HTTP and SMTP, and a worker. */
export async function openNotifying(
  options: {
    notices?: NoticeOptions;
    runtime?: Partial<RuntimeOptions>;
    jobs?: JobDefinition[];
    unknown_ms?: number;
    strangers_ms?: readonly number[];
    /** Without a worker: who opened it starts one. */
    idle?: boolean;
    /** Whom mails go by, one after the other: Brevo, unless said otherwise. */
    mails?: readonly Mailer[];
    /** Where borrowers reach the API. */
    public_url?: string;
  } = {},
): Promise<Notifying> {
  const clock = new SteppedClock(NOON);
  const sandbox = await startSandbox({
    ...{ port: 0, faults: NO_FAULTS },
    notices: { now: () => clock.now(), tick_ms: 5, ...options.notices },
  });
  const { notices } = sandbox;
  const folder = await mkdtemp(path.join(tmpdir(), 'kist-notify-'));
  const key_file = path.join(folder, 'secret-key');
  const box = createSecretBox(await keyRingIn(key_file));
  const events = createEvents();
  const providers = providersAt(notices.url);
  const services = sendingServices(notices.url, box, { ...options, events });
  const system = await testRuntime([...NOTIFICATION_JOBS, ...(options.jobs ?? [])], {
    ...{ services, events, clock, duties: [(opened) => new LaneDuty(opened, quiet)] },
    ...options.runtime,
  });
  const run: Notifying['run'] = (work) => inTenant(system.runtime.pool, 'acme', work);
  await run(async (tx) => {
    for (const [channel, provider, credentials] of accountsOf(notices, options.mails)) {
      const wish = { tenant: 'acme', channel, provider, actor: 'service:test', now: clock.now() };
      const known = (providers[channel] as ReadonlyMap<string, Provider>).get(provider)!;
      await setProviderAccount(tx, box, wish, known, { credentials: known.credentials.parse(credentials) });
      await setPolicy(tx, channel, policySchema.parse({ wait_ms: 5 }), 'service:test');
    }
  });
  if (!options.idle) {
    await system.runtime.startWorkers();
    await system.runtime.startClock();
  }
  return {
    ...{ system, notices, key_file, clock, run, ...helpers(system, run) },
    setPolicy: async (channel, policy) => {
      await run((tx) =>
        setPolicy(tx, channel, policySchema.parse({ wait_ms: 5, ...policy }), 'service:test'),
      );
    },
    close: async () => {
      await system.close();
      services.notifications.connections.close();
      await sandbox.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** The lender's accounts with those whom the sandbox plays. */
function accountsOf(notices: Notices, mails: readonly Mailer[] = ['brevo']): [Channel, string, unknown][] {
  const { brevo_key, two_factor_key, smtp_user, smtp_password } = notices.account();
  const sender = { email: 'post@acme.example', name: 'Acme' };
  const brevo = { api_key: brevo_key, sender };
  const smtp = { ...notices.smtp, user: smtp_user, password: smtp_password, security: 'none', sender };
  return [
    ...mails.map((mail): [Channel, string, unknown] => ['email', mail, mail === 'smtp' ? smtp : brevo]),
    ['sms', 'two-factor', { api_key: two_factor_key, sender_id: 'ACMEIN' }],
    ['push', 'fcm', notices.serviceAccount()],
  ];
}

function helpers(system: TestRuntime, run: Notifying['run']) {
  const accept: Notifying['accept'] = async (wish) => {
    const id = uuidv7();
    const request = notificationRequest.parse(wish);
    const acceptances = await system.runtime.submit('acme', 'service:test', jobsOf(id, request));
    const refused = acceptances.find(({ status }) => status === 'refused');
    if (refused?.status === 'refused') throw new Error(`${refused.code}: ${refused.message}`);
    return id;
  };
  const story = async (id: string) => (await run((tx) => notificationStory(tx, id))) ?? [];
  const rested = (id: string) =>
    until(`the jobs of notification ${id} rest`, async () => {
      const stories = await story(id);
      return stories.every(({ job }) => job.state !== 'pending') ? stories : null;
    });
  const notify: Notifying['notify'] = async (wish) => rested(await accept(wish));
  return { accept, story, rested, notify };
}
