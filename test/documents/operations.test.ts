import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import chargeFee from '../../jobs/loan.charge-fee.ts';
import foreclose from '../../jobs/loan.foreclose.ts';
import prepay from '../../jobs/loan.prepay.ts';
import recover from '../../jobs/loan.recover.ts';
import { keyFactsOf } from '../../src/documents/key-facts.ts';
import { quoteForeclosure } from '../../src/loans/operations/foreclosure-quotes.ts';
import { waiveCharges } from '../../src/loans/operations/waiving.ts';
import { writeOffLoan } from '../../src/loans/operations/writing-off.ts';
import type { Lender } from '../loans/lending.ts';
import { testDatabase } from '../support/database.ts';
import { aLoan, expectToAddUp, goTo, lenders, pay, statement } from './a-statement.ts';

const database = await testDatabase();
afterAll(() => database.close());
const { aLender } = lenders(database);

const contextOf = ({ tenant, clock, context }: Lender) => ({
  tenant,
  now: clock.now(),
  accept: context.accept,
});
const money = { currency: 'INR', source: 'collection' as const };

/** The last entries of a statement that adds up: what they are, and what they did. */
async function last(lender: Lender, loan: string, count: number) {
  const told = await statement(lender, loan);
  expectToAddUp(told);
  const view = (await lender.loan(loan))!;
  expect(told.closing.principal).toBe(view.principal_outstanding);
  return told.entries.slice(-count).map(({ particulars, debit, credit }) => [particulars, debit, credit]);
}

test('a fee and its waiver are told by their names and reasons', async () => {
  const lender = await aLender();
  const loan = await aLoan(lender);
  const fee = { name: 'Bounced payment', amount: '500', tax: '90', currency: 'INR', reference: 'b-1' };
  await lender.work(chargeFee, [{ loan, ...fee }]);
  const waiver = { loan, component: 'fees' as const, amount: '100', reason: 'goodwill' };
  await lender.run((tx) => waiveCharges(tx, contextOf(lender), waiver, uuidv7()));
  expect(await last(lender, loan, 2)).toEqual([
    ['Bounced payment b-1', '590.00', '0.00'],
    ['Fees waived: goodwill', '0.00', '100.00'],
  ]);
});

test('an early payment is told with the interest and the charge of its day; key facts stay those of the sanction', async () => {
  const lender = await aLender();
  const early = { bands: [{ days_from: 0, rate: '0.02' }], tax_rate: '0.18' };
  const loan = await aLoan(lender, { product: await lender.product({ charges: { prepayment: early } }) });
  const factsOf = async () =>
    (await lender.run((tx) => keyFactsOf(tx, lender.tenant, { loan }, lender.clock.now())))!;
  const before = await factsOf();
  goTo(lender, '2026-12-05');
  const wish = { loan, amount: '20000', reference: 'early', effect: 'reduce-term' as const, ...money };
  expect(await lender.work(prepay, [wish])).toMatchObject([{ outcome: 'prepaid' }]);
  const told = await last(lender, loan, 3);
  expect(told.map(([text]) => text)).toEqual([
    'Interest to the day of the early payment',
    'Charge for paying early',
    'Early payment received early',
  ]);
  const after = await factsOf();
  expect(after.rescheduled).toBe(true);
  expect({ ...after, made_at: '', rescheduled: false }).toEqual({ ...before, made_at: '' });
});

test('a loan that is paid off owes nothing, whatever was paid ahead', async () => {
  const lender = await aLender();
  const loan = await aLoan(lender, { product: await lender.product({ excess: 'advance' }) });
  await pay(lender, loan, '1000', { reference: 'ahead' });
  goTo(lender, '2026-12-05');
  const asker = { tenant: lender.tenant, actor: 'operator:ravi', now: lender.clock.now() };
  const quote = await lender.run((tx) => quoteForeclosure(tx, asker, loan));
  if (!('id' in quote)) throw new Error('It was not quoted.');
  const wish = { loan, quote: quote.id, source: 'collection' as const, reference: 'all' };
  expect(await lender.work(foreclose, [wish])).toMatchObject([{ outcome: 'foreclosed', advance: '1000.00' }]);
  expect(await last(lender, loan, 3)).toEqual([
    ['Interest to the day of foreclosure', expect.any(String), '0.00'],
    ['Money paid ahead used for what is owed', '0.00', '0.00'],
    ['Loan paid off all', '0.00', quote.total],
  ]);
  expect((await statement(lender, loan)).closing.total).toBe('0.00');
});

test('a write-off takes off all that is owed, and what comes back later is told', async () => {
  const lender = await aLender();
  const loan = await aLoan(lender);
  goTo(lender, '2027-01-25');
  await lender.carry('2027-01-25');
  await lender.run((tx) => writeOffLoan(tx, contextOf(lender), { loan, reason: 'vanished' }, uuidv7()));
  expect((await statement(lender, loan)).closing.total).toBe('0.00');
  await lender.work(recover, [{ loan, amount: '700', reference: 'found', ...money }]);
  expect(await last(lender, loan, 3)).toEqual([
    [expect.stringMatching(/written off by the lender: vanished$/), '0.00', expect.any(String)],
    ['Taken up again of what was written off', '700.00', '0.00'],
    ['Payment received after the write-off found', '0.00', '700.00'],
  ]);
});
