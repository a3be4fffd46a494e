import { sql } from 'slonik';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import repay from '../../../jobs/loan.repay.ts';
import notice from '../../../jobs/notification.notice.ts';
import { FanOutDuty } from '../../../src/events/duty.ts';
import { emit } from '../../../src/events/emit.ts';
import { LaneDuty } from '../../../src/notifications/lane-duty.ts';
import { holdLane, openLane } from '../../../src/notifications/lanes.ts';
import { contactOf } from '../../../src/notifications/notices/contacts.ts';
import { sendStatement } from '../../../src/notifications/notices/statement.ts';
import type { JobDefinition } from '../../../src/runtime/definition.ts';
import type { SentMail } from '../../../src/sandbox/notices/inbox.ts';
import { quiet } from '../../support/runtime.ts';
import { until } from '../../support/until.ts';
import { openNotifying } from '../notifying.ts';
import { openTelling } from './borrowers.ts';

vi.setConfig({ testTimeout: 60_000 });

const world = await openNotifying({
  jobs: [notice] as unknown as JobDefinition[],
  runtime: { duties: [(opened) => new FanOutDuty(opened, quiet), (opened) => new LaneDuty(opened, quiet)] },
});
afterAll(() => world.close());
const { notices, run, clock, system } = world;
const lender = await openTelling(system.database, clock);
beforeAll(() => lender.switchOn(['email', 'push']));

/** The mail of that subject, once it has come. Offers come as well where the address was known soon enough. */
function mail(to: string, subject: string): Promise<SentMail> {
  return until(`${to} got ${subject}`, () => mailsOf(to).find((each) => each.subject.includes(subject)));
}

function mailsOf(to: string): SentMail[] {
  return notices.delivered({ to }).filter((each) => each.channel === 'email');
}

/** What became of the reminders of a loan. */
function reminders(loan: string): Promise<readonly { state: string; code: string | null }[]> {
  return run((tx) =>
    tx.any(sql.type(z.object({ state: z.string(), code: z.string().nullable() }))`
      SELECT state, code FROM job WHERE tenant_id = current_tenant() AND kind = 'notification.email'
        AND payload -> 'about' ->> 'loan' = ${loan}`),
  );
}

test('what happens to a loan is read by its borrower a moment later, once and in their language', async () => {
  const { reference } = await lender.lend({ email: 'uma@example.in', locale: 'hi-IN' });
  const { text } = await mail('uma@example.in', 'भेज दिए गए हैं');
  expect(text).toContain(reference);
});

test('a reminder that waited for its lane is not sent any more once the instalment was paid', async () => {
  const { loan } = await lender.lend({ email: 'late@example.in' });
  await mail('late@example.in', 'paid out');
  const held_at = clock.now();
  await run((tx) =>
    holdLane(tx, 'acme', {
      channel: 'email',
      code: 'asked',
      message: 'A person holds it.',
      held_by: 'operator:meera',
      held_at,
    }),
  );
  const [first] = (await lender.schedule(loan))!;
  const data = {
    loan,
    instalment: 1,
    due_on: first!.due_on,
    days_after: -3,
    owed: first!.total,
    currency: 'INR',
  };
  await run((tx) =>
    emit(tx, [{ subject: loan, type: 'loan.reminder-due', at: held_at, business_date: '2026-11-20', data }]),
  );
  await until('the reminder is held', async () => (await reminders(loan))[0]?.state === 'held');
  await lender.work(repay, [
    { loan, amount: first!.total, currency: 'INR', reference: `paid-${loan}`, source: 'collection' },
  ]);
  await run((tx) =>
    openLane(tx, { tenant: 'acme', channel: 'email', by: 'operator:meera', at: clock.now() }),
  );
  await until('the reminder rests', async () => (await reminders(loan))[0]?.state === 'cancelled');
  expect(await reminders(loan)).toEqual([{ state: 'cancelled', code: 'no-longer-true' }]);
  await mail('late@example.in', 'received your payment');
  expect(mailsOf('late@example.in').filter(({ subject }) => subject.includes('is due'))).toEqual([]);
});

test('a statement comes as a mail with the PDF in it, and asked for by a webhook too it is sent once', async () => {
  const { loan } = await lender.lend({ email: 'papers@example.in' });
  const asked = { tenant: 'acme', now: clock.now() };
  const job = await system.runtime.transact('acme', 'service:test', (tx, accept) =>
    sendStatement(tx, accept, asked, { loan }),
  );
  expect((await system.rested(job)).result).toMatchObject({ outcome: 'accepted' });
  const { files } = await mail('papers@example.in', 'Statement');
  expect(files).toMatchObject([{ name: `statement-${loan}.pdf` }]);
  expect(Buffer.from(files[0]!.content, 'base64').subarray(0, 5).toString()).toBe('%PDF-');
  await until('the event was fanned out', async () => {
    const waiting = await system.database.superuser('SELECT FROM event_subject WHERE fanned_seq < seq');
    return waiting.rowCount === 0;
  });
  const statements = mailsOf('papers@example.in').filter(({ subject }) => subject.includes('Statement'));
  expect(statements).toHaveLength(1);
});

test('a device from which the app was taken gets nothing more, and is forgotten', async () => {
  const [gone, kept] = ['token-of-the-telephone-that-was-sold', 'token-of-the-new-telephone'];
  notices.uninstall(gone);
  const { borrower } = await lender.lend({ devices: [gone, kept] });
  await until('the other one got it', () => notices.delivered({ to: kept }).length > 0);
  const devices = await until('the dead one is forgotten', async () => {
    const contact = await run((tx) => contactOf(tx, borrower));
    return contact.devices.length === 1 ? contact.devices : null;
  });
  expect(devices[0]!.token).toBe(kept);
});
