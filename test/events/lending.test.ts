import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import disburse from '../../jobs/loan.disburse.ts';
import repay from '../../jobs/loan.repay.ts';
import reverse from '../../jobs/loan.reverse-repayment.ts';
import { applicationRequest } from '../../src/loans/application-request.ts';
import { approveApplication, createApplication, rejectApplication } from '../../src/loans/applications.ts';
import { cancelApplication, cancelLoan } from '../../src/loans/cancellation.ts';
import { beginCheck, concludeCheck } from '../../src/loans/credit-check.ts';
import { quoteForeclosure } from '../../src/loans/operations/foreclosure-quotes.ts';
import { scheduleOf } from '../../src/loans/views.ts';
import type { AcceptInTransaction } from '../../src/runtime/types.ts';
import { NOON } from '../ledger/books.ts';
import { openLender } from '../loans/lending.ts';
import { testDatabase } from '../support/database.ts';
import { subscriber } from './support.ts';

const database = await testDatabase();
afterAll(() => database.close());
const lender = await openLender(database);
await subscriber(database, ['*']);
const accept: AcceptInTransaction = async (requests) => requests.map(() => ({ id: uuidv7() }) as never);
const moment = { tenant: 'acme', now: NOON };
const shop = { ...moment, actor: 'service:shop' };
const meera = { ...moment, actor: 'operator:meera' };
const REPORT = { report_id: 'r', score: 720, open_loans: 0, fraud_flag: false };

async function apply(): Promise<string> {
  const reference = uuidv7();
  const applicant = {
    ...{ reference, name: 'Asha Rao', phone: '+919845012345', date_of_birth: '1990-04-01', city: 'Pune' },
  };
  const terms = { amount: '60000', tenure_months: 3, monthly_income: '90000', monthly_obligations: '0' };
  const request = applicationRequest.parse({ reference, applicant, ...terms });
  const apply = () => lender.run((tx) => createApplication(tx, accept, shop, request));
  await apply();
  // Once more changes nothing, and so it is not told.
  return (await apply()).application.id;
}

async function check(id: string): Promise<void> {
  await lender.run((tx) => beginCheck(tx, moment, id));
  await lender.run((tx) => concludeCheck(tx, moment, id, REPORT));
}

async function told(subject: string): Promise<{ type: string; data: Record<string, unknown> }[]> {
  const { rows } = await database.superuser('SELECT type, data FROM event WHERE subject = $1 ORDER BY seq', [
    subject,
  ]);
  return rows;
}
const types = async (subject: string) => (await told(subject)).map(({ type }) => type);

test('the life of an application and of its loan is told, each move once and in order', async () => {
  const id = await apply();
  await check(id);
  const { application } = await lender.run((tx) => approveApplication(tx, accept, meera, id));
  await lender.run((tx) => approveApplication(tx, accept, meera, id));
  const loan = application.loan_id!;
  const steps = ['created', 'check-started', 'offered', 'approved'];
  expect(await types(id)).toEqual(steps.map((step) => `application.${step}`));
  expect((await told(id)).at(-1)!.data).toMatchObject({ application: id, loan, amount: '60000.00' });

  await lender.work(disburse, [{ loan }]);
  await lender.work(disburse, [{ loan }]);
  expect(await types(loan)).toEqual(['loan.opened', 'loan.disbursed']);
  const owed = (await lender.run((tx) => scheduleOf(tx, loan)))!;
  expect(owed.length).toBe(3);
  const payment = { loan, amount: '90000', currency: 'INR', source: 'collection' as const };
  await lender.work(repay, [{ ...payment, reference: 'all-of-it' }]);
  expect((await types(loan)).slice(-2)).toEqual(['loan.payment-received', 'loan.closed']);
});

test('what ends early is told as well, with no name, phone or birthday', async () => {
  const [rejected, cancelled, approved] = [await apply(), await apply(), await apply()];
  await check(approved);
  await lender.run((tx) => rejectApplication(tx, meera, rejected, 'No.'));
  await lender.run((tx) => cancelApplication(tx, shop, { id: cancelled, reason: 'No longer wanted.' }));
  const { application } = await lender.run((tx) => approveApplication(tx, accept, meera, approved));
  await lender.run((tx) => cancelLoan(tx, shop, { id: application.loan_id!, reason: 'Changed his mind.' }));
  expect((await types(rejected)).at(-1)).toBe('application.rejected');
  expect((await types(cancelled)).at(-1)).toBe('application.cancelled');
  expect(await types(application.loan_id!)).toEqual(['loan.opened', 'loan.cancelled']);
  const { rows } = await database.superuser('SELECT string_agg(data::text, chr(10)) AS all FROM event');
  for (const personal of ['Asha', '9845012345', '1990-04-01', 'Pune'])
    expect(rows[0].all).not.toContain(personal);
});

test('a payment is told with how the loan stands after it, and once more where it bounced', async () => {
  const [loan] = await lender.open([
    { principal: '12000.00', months: 3, wallet: await lender.wallet('ravi') },
  ]);
  await lender.work(disburse, [{ loan: loan! }]);
  const [first, second] = (await lender.run((tx) => scheduleOf(tx, loan!)))!;
  const payment = { loan: loan!, currency: 'INR', source: 'collection' as const, reference: 'r-1' };
  await lender.work(repay, [{ ...payment, amount: first!.total }]);
  const received = (await told(loan!)).at(-1)!;
  expect(received.type).toBe('loan.payment-received');
  expect(received.data).toMatchObject({
    ...{
      loan,
      reference: 'r-1',
      amount: first!.total,
      taken: first!.total,
      currency: 'INR',
      source: 'collection',
    },
    ...{ next_due_on: second!.due_on, next_amount: second!.total },
    principal_outstanding: (12_000 - Number(first!.principal)).toFixed(2),
  });
  await lender.work(reverse, [{ loan: loan!, reference: 'r-1', reason: 'Cheque returned by the bank.' }]);
  const bounced = (await told(loan!)).at(-1)!;
  expect(bounced.type).toBe('loan.payment-reversed');
  expect(bounced.data).toMatchObject({ reference: 'r-1', amount: first!.total, cause: 'bounced' });
  expect(bounced.data).not.toHaveProperty('reason');
});

test('a quote for ending a loan is told with all that it asks for', async () => {
  const [loan] = await lender.open([
    { principal: '12000.00', months: 3, wallet: await lender.wallet('uma') },
  ]);
  await lender.work(disburse, [{ loan: loan! }]);
  const quote = await lender.run((tx) => quoteForeclosure(tx, shop, loan!));
  const { type, data } = (await told(loan!)).at(-1)!;
  expect(type).toBe('loan.foreclosure-quoted');
  expect(data).toMatchObject({ quote: quote.id, total: quote.total, valid_until: quote.valid_until });
});
