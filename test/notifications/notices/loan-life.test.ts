import { afterAll, beforeAll, expect, test } from 'vitest';
import remind from '../../../jobs/loan.remind.ts';
import repay from '../../../jobs/loan.repay.ts';
import reverse from '../../../jobs/loan.reverse-repayment.ts';
import { emit } from '../../../src/events/emit.ts';
import { quoteForeclosure } from '../../../src/loans/operations/foreclosure-quotes.ts';
import { TODAY } from '../../ledger/books.ts';
import { testDatabase } from '../../support/database.ts';
import { openTelling } from './borrowers.ts';

const database = await testDatabase();
afterAll(() => database.close());
const lender = await openTelling(database);
beforeAll(() => lender.switchOn(['email', 'sms']));

const payment = (loan: string, amount: string, reference: string) => ({
  ...{ loan, amount, reference, currency: 'INR', source: 'collection' as const },
});

test('a borrower is told of the offer with its terms, while it stands', async () => {
  const { reference } = await lender.offer();
  const { answers, messages } = await lender.hear();
  expect(answers).toMatchObject([{ outcome: 'accepted', messages: [{ rule: 'offer', channel: 'sms' }] }]);
  expect(messages).toMatchObject([
    {
      ...{ kind: 'notification.sms', template: 'offer', category: 'transactional' },
      recipient: { name: 'Asha Rao', address: '+919845012345' },
      data: { application: reference, amount: '12000.00', tenure_months: 3, annual_rate: '0.18' },
    },
  ]);
  // Three business dates, the last one to its end in India.
  expect(messages[0]!.deadline).toMatch(/T18:30:00\.000Z$/);
});

test('what is paid out is told with account and first due date, by every channel that reaches the borrower', async () => {
  const { reference } = await lender.lend();
  const { messages } = await lender.hear();
  const told = messages.filter(({ template }) => template === 'disbursed');
  expect(told.map(({ kind }) => kind)).toEqual(['notification.email', 'notification.sms']);
  expect(new Set(told.map(({ notification }) => notification)).size).toBe(1);
  expect(told[0]).toMatchObject({
    recipient: { address: 'asha@example.in' },
    data: { lender: 'acme', loan: reference, amount: '12000.00', account: 'acme wallet', instalments: 3 },
  });
});

test('a payment is confirmed with what is left, a bounced one told, and the end as well', async () => {
  const { loan } = await lender.lend();
  await lender.hear();
  const [first, second] = (await lender.schedule(loan))!;
  await lender.work(repay, [payment(loan, first!.total, `r-${loan}`)]);
  const received = await lender.hear();
  expect(received.messages).toMatchObject([
    {
      template: 'payment-received',
      data: { amount: first!.total, paid_on: TODAY, receipt: `r-${loan}`, next_due_on: second!.due_on },
    },
    { kind: 'notification.sms' },
  ]);
  await lender.work(reverse, [{ loan, reference: `r-${loan}`, reason: 'Account closed, says the bank.' }]);
  const bounced = await lender.hear();
  expect(bounced.messages[0]).toMatchObject({
    template: 'bounced',
    data: { amount: first!.total, attempted_on: TODAY },
  });
  expect(JSON.stringify(bounced.messages)).not.toContain('Account closed');
  await lender.work(repay, [payment(loan, '13000', `all-${loan}`)]);
  const templates = (await lender.hear()).messages.map(({ template }) => template);
  expect(templates).toEqual(['payment-received', 'payment-received', 'closed', 'closed']);
});

test('a quote is sent to who asked for it, good until its last day', async () => {
  const { loan } = await lender.lend();
  await lender.hear();
  const shop = { tenant: 'acme', actor: 'service:shop', now: lender.clock.now() };
  const quote = await lender.run((tx) => quoteForeclosure(tx, shop, loan));
  const { messages } = await lender.hear();
  expect(messages[0]).toMatchObject({
    template: 'foreclosure-quote',
    data: { amount: quote.total, principal: '12000.00', valid_until: quote.valid_until },
  });
});

const reminder = (loan: string, due_on: string, days_after: number) => ({
  ...{ loan, instalment: 1, due_on, days_after, owed: '4120.00', currency: 'INR' },
});

test.each([
  ['three days before', '2026-11-23', -3, 'reminder-before-due', '2026-11-23T18:30:00.000Z'],
  ['on the day', '2026-11-20', 0, 'due', '2026-11-20T18:30:00.000Z'],
  ['four days after', '2026-11-16', 4, 'overdue', '2026-11-23T18:30:00.000Z'],
])('an instalment is reminded of %s', async (_when, due_on, days_after, template, deadline) => {
  const { loan } = await lender.lend();
  await lender.hear();
  await lender.work(remind, [reminder(loan, due_on, days_after)]);
  const { messages } = await lender.hear();
  expect(messages).toMatchObject([
    { template, deadline, category: 'reminder', about: { loan, instalment: 1 }, data: { amount: '4120.00' } },
    { kind: 'notification.sms' },
  ]);
});

test('what is reminded of at the close of the day before is read on the day: it is due then', async () => {
  const { loan } = await lender.lend();
  await lender.hear();
  lender.clock.moveTo(new Date('2026-11-20T17:40:00Z'));
  await lender.work(remind, [reminder(loan, '2026-11-21', -1)]);
  const { messages } = await lender.hear();
  expect(messages[0]).toMatchObject({ template: 'due', data: { due_on: '2026-11-21' } });
  expect(messages[0]!.deadline).toBe('2026-11-21T18:30:00.000Z');
});

/** A loan of which the bank account was paid, or is being paid. */
async function paidByBank(loan: string): Promise<string> {
  const { rows } = await database.superuser(
    `WITH account AS (
       INSERT INTO bank_account (tenant_id, borrower_id, holder, ifsc, account_number, added_by)
       SELECT 'acme', wallet_id, 'Asha Rao', 'HDFC0000123', '50100012345678', 'service:test' FROM loan WHERE id = $1
       RETURNING id, borrower_id), made AS (SELECT uuidv7() AS id)
     INSERT INTO payout (tenant_id, id, instruction_id, attempt, purpose, loan_id, wallet_id, bank_account_id, reference,
                         gateway, mode, amount, currency, state, created_at, business_date)
     SELECT 'acme', made.id, made.id, 1, 'disbursal', $1, borrower_id, account.id, $1::text, 'razorpay', 'IMPS', 12000,
            'INR', 'succeeded', now(), '2026-11-20'
     FROM account, made RETURNING id`,
    [loan],
  );
  return rows[0].id;
}

test('a loan that goes to a bank is told as paid out once the bank has paid, with the account masked', async () => {
  const { loan } = await lender.lend();
  const payout = await paidByBank(loan);
  const { answers } = await lender.hear();
  expect(answers).toContainEqual({ outcome: 'nothing-to-tell', code: 'told-when-paid' });
  const at = { at: lender.clock.now(), business_date: TODAY };
  const data = { payout, purpose: 'disbursal', loan, amount: '12000.00', currency: 'INR' };
  await lender.run((tx) => emit(tx, [{ ...at, subject: payout, type: 'payout.succeeded', data }]));
  const { messages } = await lender.hear();
  expect(messages[0]).toMatchObject({
    ...{ template: 'disbursed', data: { account: 'HDFC XXXX5678', amount: '12000.00' } },
  });
  expect(JSON.stringify(messages)).not.toContain('50100012345678');
});

test('of a payment that was lost in a dispute nobody writes to the borrower', async () => {
  const { loan } = await lender.lend();
  await lender.hear();
  const at = { at: lender.clock.now(), business_date: TODAY };
  const data = { loan, reference: 'r', amount: '100.00', paid_on: TODAY, cause: 'disputed' };
  await lender.run((tx) => emit(tx, [{ ...at, subject: loan, type: 'loan.payment-reversed', data }]));
  expect(await lender.hear()).toEqual({
    answers: [{ outcome: 'nothing-to-tell', code: 'disputed' }],
    messages: [],
  });
});
