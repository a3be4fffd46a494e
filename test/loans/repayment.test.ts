import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import type { z } from 'zod';
import disburse from '../../jobs/loan.disburse.ts';
import repay from '../../jobs/loan.repay.ts';
import deposit from '../../jobs/wallet.deposit.ts';
import { TODAY } from '../ledger/books.ts';
import { testDatabase } from '../support/database.ts';
import { openLender } from './lending.ts';

const database = await testDatabase();
afterAll(() => database.close());
const lender = await openLender(database);

const payment = (loan: string, amount: string, more: Partial<z.input<typeof repay.payload>> = {}) => ({
  ...{ loan, amount, currency: 'INR', reference: uuidv7(), source: 'collection' as const },
  ...more,
});

/** A disbursed loan whose wallet was emptied: the borrower spent the money. */
async function spentLoan(principal = '50000.00', months = 12): Promise<{ loan: string; wallet: string }> {
  const wallet = await lender.wallet('asha');
  const [loan] = await lender.open([{ principal, months, wallet }]);
  await lender.work(disburse, [{ loan: loan! }]);
  const { default: withdraw } = await import('../../jobs/wallet.withdraw.ts');
  await lender.work(withdraw, [{ wallet, amount: principal, currency: 'INR', reference: uuidv7() }]);
  return { loan: loan!, wallet };
}

test('an instalment paid when due takes interest first, then principal', async () => {
  const { loan, wallet } = await spentLoan();
  await lender.carry('2026-12-20');
  expect(await lender.loan(loan)).toMatchObject({ interest_due: '750.00' });
  expect(await lender.work(repay, [payment(loan, '4584')])).toMatchObject([
    { outcome: 'repaid', taken: '4584.00', interest: '750.00', principal: '3834.00', left_in_wallet: '0.00' },
  ]);
  expect(await lender.loan(loan)).toMatchObject({
    ...{ state: 'active', principal_outstanding: '46166.00', interest_due: '0.00' },
    ...{ instalments_paid: 1, next_due_on: '2027-01-20' },
  });
  expect(await lender.balance(wallet)).toBe('0.00');
  expect((await lender.schedule(loan))[0]).toMatchObject({ state: 'paid', paid_on: TODAY });
});

test('a part of an instalment pays its interest first and leaves the rest open', async () => {
  const { loan } = await spentLoan();
  const [first] = await lender.work(repay, [payment(loan, '800')]);
  expect(first).toMatchObject({ taken: '800.00', interest: '750.00', principal: '50.00' });
  const [second] = await lender.work(repay, [payment(loan, '3784')]);
  expect(second).toMatchObject({ interest: '0.00', principal: '3784.00' });
  expect((await lender.schedule(loan))[0]).toMatchObject({ state: 'paid' });
});

test('paying all of it closes the loan; what was paid too much stays in the wallet', async () => {
  const { loan, wallet } = await spentLoan('12000.00', 3);
  const schedule = await lender.schedule(loan);
  const owed = schedule.reduce((sum, { total }) => sum + BigInt(total.replace('.', '')), 0n);
  const [answer] = await lender.work(repay, [payment(loan, '20000')]);
  expect(answer).toMatchObject({ outcome: 'repaid', loan_state: 'closed' });
  const left = (await lender.balance(wallet)).replace('.', '');
  expect(BigInt(left) + owed).toBe(20_000_00n);
  expect(await lender.loan(loan)).toMatchObject({
    ...{ state: 'closed', closed_on: TODAY, principal_outstanding: '0.00', interest_due: '0.00' },
    next_due_on: null,
  });
  expect(await lender.work(repay, [payment(loan, '1')])).toMatchObject([
    { outcome: 'refused', code: 'loan-not-active' },
  ]);
});

test('a repayment from the wallet takes what the wallet holds, or nothing', async () => {
  const { loan, wallet } = await spentLoan();
  const asked = payment(loan, '4584', { source: 'wallet' });
  expect(await lender.work(repay, [asked])).toMatchObject([
    { outcome: 'refused', code: 'insufficient-funds' },
  ]);
  await lender.work(deposit, [{ wallet, amount: '5000', currency: 'INR', reference: uuidv7() }]);
  expect(await lender.work(repay, [{ ...asked, reference: uuidv7() }])).toMatchObject([
    { outcome: 'repaid' },
  ]);
  expect(await lender.balance(wallet)).toBe('416.00');
});

test('one reference is taken once, whatever the jobs are called; the other loans of the group are taken', async () => {
  const [asha, ravi] = [await spentLoan(), await spentLoan()];
  const twice = payment(asha.loan, '1000');
  const answers = await lender.work(repay, [
    ...[twice, twice, payment(ravi.loan, '1000'), payment(uuidv7(), '1000'), payment(asha.loan, '100')],
    payment(ravi.loan, '5', { currency: 'USD' }),
  ]);
  expect(answers.map((answer) => ('code' in answer ? answer.code : answer.taken))).toEqual([
    ...['1000.00', 'duplicate-reference', '1000.00', 'unknown-loan', '100.00', 'currency-mismatch'],
  ]);
  expect(await lender.work(repay, [twice])).toMatchObject([{ code: 'duplicate-reference' }]);
  expect((await lender.schedule(asha.loan))[0]).toMatchObject({
    paid_interest: '750.00',
    paid_principal: '350.00',
  });
});

test('two workers repaying one loan at once allocate one after the other', async () => {
  const { loan } = await spentLoan();
  await Promise.all(Array.from({ length: 8 }, () => lender.work(repay, [payment(loan, '573')])));
  const schedule = await lender.schedule(loan);
  expect(schedule[0]).toMatchObject({ state: 'paid', paid_interest: '750.00', paid_principal: '3834.00' });
  expect(schedule[1]).toMatchObject({ state: 'scheduled', paid_interest: '0.00' });
});

test('instalments fall due once, however often the day is run, and not again when paid ahead', async () => {
  const late = await spentLoan();
  const ahead = await spentLoan();
  await lender.work(repay, [payment(ahead.loan, '4584')]);
  const before = await lender.standing('interest-income');
  const runs = [await lender.carry('2027-01-20'), await lender.carry('2027-01-20')].map(({ tally }) => tally);
  expect(runs[1]).toMatchObject({ done: 0, journals: 0, interest: '0.00' });
  const earned = BigInt((await lender.standing('interest-income')).replace('.', ''));
  expect(earned - BigInt(before.replace('.', ''))).toBe(BigInt(runs[0]!.interest.replace('.', '')));
  expect(await lender.loan(late.loan)).toMatchObject({ interest_due: '1442.49' });
  expect(await lender.loan(ahead.loan)).toMatchObject({ interest_due: '692.49', next_due_on: '2027-01-20' });
});

test('the books agree with the schedules: what is receivable is what is not paid', async () => {
  const { rows } = await database.superuser(`
    SELECT sum(p.balance) = sum(owed.principal) AS principal_agrees, sum(i.balance) = sum(owed.interest) AS interest_agrees
    FROM loan l
    JOIN account p ON p.id = l.principal_account
    JOIN account i ON i.id = l.interest_account
    CROSS JOIN LATERAL (
      SELECT sum(principal - paid_principal) AS principal,
             coalesce(sum(interest - paid_interest) FILTER (WHERE fell_due_on IS NOT NULL), 0) AS interest
      FROM instalment WHERE loan_id = l.id
    ) AS owed
    WHERE l.disbursed_on IS NOT NULL`);
  expect(rows).toEqual([{ principal_agrees: true, interest_agrees: true }]);
});
