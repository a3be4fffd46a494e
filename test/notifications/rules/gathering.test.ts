import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NotificationRequest } from '../../../src/notifications/request.ts';
import { arm } from '../../../src/runtime/faults.ts';
import { dropChecks, plantRow, type Table, tenantTables } from '../../identity/planted-rows.ts';
import { until } from '../../support/until.ts';
import { openNotifying } from '../notifying.ts';

const world = await openNotifying();
afterAll(() => world.close());
const { notices, clock, accept, rested } = world;
const { database } = world.system;
beforeAll(async () => {
  for (const channel of ['email', 'sms', 'push'] as const) {
    await world.setPolicy(channel, { contact_window: null, digest: { minutes: 60 } });
  }
});

let people = 0;
function somebody() {
  people += 1;
  const number = String(people).padStart(4, '0');
  return {
    email: `gathered-${number}@example.com`,
    phone: `+91983234${number}`,
    push_token: `gathered-${number}`,
  };
}

type More = Partial<NotificationRequest>;
const remind = (email: string, text: string, more: More = {}) =>
  accept({
    ...{ type: 'EMAIL', category: 'reminder', recipient: { email } },
    ...{ content: { email: { subject: text, text: `${text} Please pay.` } }, ...more },
  });
const mailsTo = (email: string) =>
  notices.delivered({ to: email }).map((notice) => notice as unknown as { subject: string; text: string });
const codeOf = async (id: string) => {
  const { state, job } = (await world.story(id))[0]!;
  return state === 'sent' ? 'sent' : (job.code ?? job.state);
};
const waits = (id: string) => until('it waits for others', async () => (await codeOf(id)) === 'gathering');
const pass = (minutes: number) => clock.moveTo(new Date(clock.now().getTime() + minutes * 60_000));

let tables: readonly Table[];
beforeAll(async () => {
  tables = await tenantTables(database);
  for (const name of ['loan', 'instalment'])
    await dropChecks(database, tables.find((each) => each.name === name)!);
});

/** A loan with an instalment that is owed: all that a reminder asks about. */
async function loan(): Promise<string> {
  const id = crypto.randomUUID();
  const rows = {
    loan: { id, state: 'active' },
    instalment: { loan_id: id, number: 1, paid_on: null },
  };
  for (const [name, row] of Object.entries(rows)) {
    await plantRow(database, tables.find((each) => each.name === name)!, 'acme', row);
  }
  return id;
}
const pay = (loan: string) =>
  database.superuser(`UPDATE instalment SET paid_on = '2026-12-01' WHERE loan_id = $1`, [loan]);
const about = (loan: string): More => ({ about: { loan, instalment: 1 } });

describe('reminders of a recipient', () => {
  test('go out as one mail that lists them; the others say in which', async () => {
    const { email } = somebody();
    const first = await remind(email, 'EMI 1 is due.');
    await waits(first);
    pass(30);
    const others = [await remind(email, 'EMI 2 is due.'), await remind(email, 'EMI 3 is due.')];
    pass(29);
    await waits(first);
    expect(mailsTo(email)).toEqual([]);
    pass(1);
    await rested(first);
    expect(await codeOf(first)).toBe('sent');
    for (const id of others) {
      const [story] = await rested(id);
      expect(story).toMatchObject({ state: 'cancelled', job: { code: 'merged' } });
      expect(story!.job.message).toContain(first);
    }
    const [mail, ...more] = mailsTo(email);
    expect(more).toEqual([]);
    expect(mail!.subject).toBe('3 reminders from acme');
    for (const number of [1, 2, 3]) expect(mail!.text).toContain(`- EMI ${number} is due.`);
  });

  test('are listed only where they are still true; none left, nothing is sent', async () => {
    const { email } = somebody();
    const [paid, owed, other] = [await loan(), await loan(), await loan()];
    const first = await remind(email, 'EMI of loan 1.', about(paid));
    await waits(first);
    const second = await remind(email, 'EMI of loan 2.', about(owed));
    const third = await remind(email, 'EMI of loan 3.', about(other));
    await pay(paid);
    await until('the first is given up', async () => (await codeOf(first)) === 'no-longer-true');
    await waits(second);
    await pay(other);
    pass(60);
    expect(await endOf(second)).toBe('sent');
    expect(await endOf(third)).toBe('no-longer-true');
    expect(mailsTo(email).map(({ subject }) => subject)).toEqual(['EMI of loan 2.']);
  });

  test('strike from a mail that is tried again what was paid meanwhile', async () => {
    const { email } = somebody();
    const loans = [await loan(), await loan(), await loan()];
    await world.setPolicy('email', { contact_window: null, digest: { minutes: 60 }, wait_ms: 100 });
    notices.script({ subject: email, fault: 'rate-limited', times: 2 });
    const [first] = await remindOfAll(email, loans);
    pass(60);
    await until('it was tried', async () => (await world.story(first!))[0]!.attempts.length > 0);
    await pay(loans[1]!);
    expect(await endOf(first!)).toBe('sent');
    const [mail] = mailsTo(email);
    expect(mail!.subject).toBe('2 reminders from acme');
    expect(mail!.text).toContain('- EMI of loan 1.');
    expect(mail!.text).not.toContain('- EMI of loan 2.');
    await world.setPolicy('email', { contact_window: null, digest: { minutes: 60 } });
  });

  test('are repeated as they were where the mail may have been sent, and not once all is paid', async () => {
    const { email } = somebody();
    const loans = [await loan(), await loan()];
    notices.script({ subject: email, fault: 'commit-then-reset', times: 1 });
    const [first] = await remindOfAll(email, loans);
    pass(60);
    expect(await endOf(first!)).toBe('sent');
    const bina = somebody().email;
    const all = [await loan(), await loan()];
    notices.script({ subject: bina, fault: 'unavailable', times: 50 });
    await world.setPolicy('email', {
      contact_window: null,
      digest: { minutes: 60 },
      wait_ms: 100,
      retries: 20,
    });
    const [second] = await remindOfAll(bina, all);
    pass(60);
    await until('it was tried', async () => (await world.story(second!))[0]!.attempts.length > 0);
    for (const each of all) await pay(each);
    await until('it is stopped', async () => (await world.story(second!))[0]!.state === 'stopped');
    expect([mailsTo(email).length, mailsTo(bina).length]).toEqual([1, 0]);
    await world.setPolicy('email', { contact_window: null, digest: { minutes: 60 } });
  });

  test('are sent once though the worker that gathered them dies', async () => {
    const { email } = somebody();
    const ids = [await remind(email, 'EMI 1 is due.')];
    await waits(ids[0]!);
    ids.push(await remind(email, 'EMI 2 is due.'));
    const deaths: string[] = [];
    const die = (point: 'staged.preparing' | 'notification.begun') =>
      arm(point, () => {
        if (deaths.includes(point)) return;
        deaths.push(point);
        throw new Error(`died at ${point}`);
      });
    // Once before what it gathered is committed, once between that and asking the provider.
    const disarm = [die('staged.preparing'), die('notification.begun')];
    pass(60);
    expect(await endOf(ids[0]!)).toBe('sent');
    for (const undo of disarm) undo();
    expect(await endOf(ids[1]!)).toBe('merged');
    expect(mailsTo(email)).toHaveLength(1);
    expect(deaths).toEqual(['staged.preparing', 'notification.begun']);
  });

  test('of a text are listed as far as there is room: the rest goes into the next', async () => {
    const { phone } = somebody();
    const text = (number: number) => `EMI ${number} is due. ${'Please pay it soon. '.repeat(12)}`;
    const ids: string[] = [];
    for (const number of [1, 2, 3, 4]) {
      const wish = { type: 'SMS', category: 'reminder', recipient: { phone } } as const;
      ids.push(await accept({ ...wish, content: { sms: { text: text(number) } } }));
      if (number === 1) await waits(ids[0]!);
    }
    pass(60);
    expect(await endOf(ids[0]!)).toBe('sent');
    expect(await endOf(ids[1]!)).toBe('merged');
    await waits(ids[2]!);
    pass(60);
    expect(await endOf(ids[2]!)).toBe('sent');
    expect(await endOf(ids[3]!)).toBe('merged');
    expect(notices.delivered({ to: phone })).toHaveLength(2);
  });

  test('do not wait where there is no time for it, and what must be told never does', async () => {
    const { email } = somebody();
    const deadline = new Date(clock.now().getTime() + 30 * 60_000).toISOString();
    expect(await endOf(await remind(email, 'Due now.', { deadline }))).toBe('sent');
    expect(await endOf(await remind(email, 'Paid.', { category: 'transactional' }))).toBe('sent');
    const first = await remind(email, 'EMI 1 is due.', { ordering: 'none' });
    await waits(first);
    const other = await remind(email, 'EMI 2 is due.', { ordering: 'none' });
    pass(60);
    expect([await endOf(first), await endOf(other)]).toEqual(['sent', 'merged']);
  });
});

async function endOf(id: string): Promise<string> {
  await rested(id);
  return codeOf(id);
}

/** The first waits, the others stand behind it. */
async function remindOfAll(email: string, loans: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [index, each] of loans.entries()) {
    ids.push(await remind(email, `EMI of loan ${index + 1}.`, about(each)));
    if (index === 0) await waits(ids[0]!);
  }
  return ids;
}
