import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { NotificationRequest } from '../../../src/notifications/request.ts';
import type { FaultPoint } from '../../../src/runtime/faults.ts';
import type { NoticeFault } from '../../../src/sandbox/notices/faults.ts';
import { startProgram } from '../../faults/processes.ts';
import { type CarrierUnderTest, carriers } from '../../support/carriers.ts';
import { openNotifying } from '../notifying.ts';
import { CRASHING } from './crash-settings.ts';
import type { SenderOrders } from './sender-process.ts';

const PROGRAM = path.resolve(import.meta.dirname, 'sender-process.ts');

/** By whom a message goes, and how often it comes at worst. */
export interface Way {
  by: string;
  mail?: 'brevo' | 'smtp';
  wish: Partial<NotificationRequest>;
  to: string;
  /** Where the worker is killed after the provider has taken it, or the answer is lost. */
  arrives_at_worst: 1 | 2;
  /** What happens to an answer that is lost. */
  lost: NoticeFault;
}

const email = 'asha@example.com';
const mail = { subject: 'Due soon', text: 'Your instalment is due on Friday.' };
const phone = '+919812345678';
const push_token = 'token-of-ashas-phone';

export const WAYS: readonly Way[] = [
  {
    by: 'Brevo',
    wish: { type: 'EMAIL', recipient: { email }, content: { email: mail } },
    ...{ to: email, arrives_at_worst: 1, lost: 'commit-then-reset' },
  },
  {
    by: 'SMTP',
    mail: 'smtp',
    wish: { type: 'EMAIL', recipient: { email }, content: { email: mail } },
    ...{ to: email, arrives_at_worst: 2, lost: 'smtp-commit-then-cut' },
  },
  {
    by: '2Factor',
    wish: { type: 'SMS', recipient: { phone }, content: { sms: { text: mail.text } } },
    ...{ to: phone, arrives_at_worst: 2, lost: 'commit-then-reset' },
  },
  {
    by: 'Firebase',
    wish: {
      type: 'PUSH',
      recipient: { push_token },
      content: { push: { title: 'Due soon', body: mail.text } },
    },
    ...{ to: push_token, arrives_at_worst: 1, lost: 'commit-then-reset' },
  },
];

/** Before the provider has heard of the message, and after. */
const BEFORE: readonly FaultPoint[] = ['staged.preparing', 'staged.prepared', 'notification.begun'];
const AFTER: readonly FaultPoint[] = ['notification.sent', 'staged.called', 'commit.before'];
const DONE: readonly FaultPoint[] = ['commit.after'];
const LOST: readonly FaultPoint[] = ['notification.failed'];

/** Every point at which a worker that sends can be killed, and whether the message may have gone out by then. */
export const POINTS: readonly { point: FaultPoint; gone_out: boolean; is_lost?: boolean }[] = [
  ...BEFORE.map((point) => ({ point, gone_out: false })),
  ...AFTER.map((point) => ({ point, gone_out: true })),
  ...DONE.map((point) => ({ point, gone_out: false })),
  ...LOST.map((point) => ({ point, gone_out: true, is_lost: true })),
];

/** A worker is killed at the point; another one brings the message to its end. */
export async function sendWhileKilled(
  way: Way,
  { point, gone_out, is_lost }: (typeof POINTS)[number],
  carrier: CarrierUnderTest['name'],
): Promise<void> {
  const { redisUrl } = carriers().find(({ name }) => name === carrier)!;
  const mailer = way.mail && { mails: [way.mail] };
  const world = await openNotifying({ idle: true, runtime: { redisUrl, ...CRASHING }, ...mailer });
  onTestFinished(() => world.close());
  const { system, notices, key_file, clock } = world;
  if (is_lost) notices.script({ subject: '*', fault: way.lost });
  const id = await world.accept(way.wish);
  const orders: SenderOrders = {
    ...{ databaseUrl: system.database.url, redisUrl, providers_url: notices.url, key_file },
    now: clock.now().toISOString(),
  };
  expect(await startProgram(PROGRAM, orders, point).ended).toMatchObject({ signal: 'SIGKILL' });

  await system.runtime.startWorkers();
  await system.runtime.startClock();
  const [story] = await world.rested(id);
  expect([story!.state, story!.job.state]).toEqual(['sent', 'done']);
  expect(notices.delivered({ to: way.to })).toHaveLength(gone_out ? way.arrives_at_worst : 1);
  // Whatever may have gone out twice says so.
  const doubtful = story!.attempts.filter(({ outcome }) => outcome === 'unknown');
  if (gone_out) expect(doubtful).toHaveLength(1);
  expect(story!.attempts.at(-1)!.outcome).toBe('sent');
}

/** Every way, killed at every point. */
export function crashMatrix(name: CarrierUnderTest['name']): void {
  const { missing } = carriers().find((carrier) => carrier.name === name)!;
  for (const way of WAYS) {
    describe.skipIf(missing)(`a worker that sends by ${way.by}`, () => {
      test.each(POINTS)('killed at $point: the message comes, and as often as is said at worst', (point) =>
        sendWhileKilled(way, point, name),
      );
    });
  }
}
