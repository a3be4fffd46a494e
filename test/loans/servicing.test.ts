import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import disburse from '../../jobs/loan.disburse.ts';
import repay from '../../jobs/loan.repay.ts';
import reverse from '../../jobs/loan.reverse-repayment.ts';
import withdraw from '../../jobs/wallet.withdraw.ts';
import { addTenant } from '../../src/identity/tenants.ts';
import { Decimal } from '../../src/ledger/money.ts';
import { duesOf } from '../../src/loans/dues.ts';
import { accrualsOf, BEFORE_ALL, historyOf } from '../../src/loans/history.ts';
import { testDatabase } from '../support/database.ts';
import { type Lender, type LoanWish, openLender } from './lending.ts';

const database = await testDatabase();
afterAll(() => database.close());
let tenants = 0;

/** A lender of its own, since its clock moves. */
async function aLender(): Promise<Lender> {
  const tenant = `lender-${++tenants}`;
  await addTenant(database.app, { tenant, name: tenant });
  return openLender(database, tenant);
}

/** A loan disbursed on Friday, 20 November 2026, whose money was spent: 12 × 4,584.00, first due on 20 December. */
async function aLoan(lender: Lender, wish: Partial<LoanWish> = {}): Promise<string> {
  const wallet = await lender.wallet('asha');
  const [loan] = await lender.open([{ principal: '50000.00', months: 12, wallet, ...wish }]);
  await lender.work(disburse, [{ loan: loan! }]);
  const spent = { wallet, amount: '50000', currency: 'INR', reference: uuidv7() };
  await lender.work(withdraw, [spent]);
  return loan!;
}

const pay = (loan: string, amount: string, more: Partial<z.input<typeof repay.payload>> = {}) => ({
  ...{ loan, amount, currency: 'INR', reference: uuidv7(), source: 'collection' as const },
  ...more,
});
const noon = (date: string) => new Date(`${date}T06:30:00Z`);
const dues = (lender: Lender, loan: string) =>
  lender.run((tx) => duesOf(tx, lender.tenant, loan, lender.clock.now()));
const accruals = (lender: Lender, loan: string, known_at: Date | null = null) =>
  lender.run((tx) => accrualsOf(tx, loan, { known_at, after: BEFORE_ALL, limit: 500 }));

/** Everything about a loan but when it was written. */
async function standing(lender: Lender, loan: string) {
  const { id: _id, wallet_id: _wallet, opened_at: _at, ...view } = (await lender.loan(loan))!;
  const sums = new Map<string, number>();
  for (const { component, instalment, chargeable_day, amount } of await accruals(lender, loan)) {
    const key = `${component}/${instalment}/${chargeable_day}`;
    sums.set(key, Number(((sums.get(key) ?? 0) + Number(amount)).toFixed(2)));
  }
  return {
    view,
    dues: await dues(lender, loan),
    schedule: await lender.schedule(loan),
    accruals: [...sums].filter(([, sum]) => sum !== 0).toSorted(),
    books: await lender.standing(`loan/${loan}/%`),
  };
}

describe('a late payment', () => {
  test('pays the penal charges first, by the waterfall, and they end with the day of payment', async () => {
    const lender = await aLender();
    const loan = await aLoan(lender);
    lender.clock.moveTo(noon('2026-12-30'));
    // 4,584.00 × 0.001 × 10 days
    expect(await dues(lender, loan)).toMatchObject({
      ...{ as_of: '2026-12-30', penal: '45.84', interest: '750.00', principal: '3834.00' },
      ...{ total: '4629.84', days_past_due: 10, asset_class: 'sma-0', oldest_due_on: '2026-12-20' },
    });
    const [answer] = await lender.work(repay, [pay(loan, '4629.84')]);
    expect(answer).toMatchObject({
      outcome: 'repaid',
      penal: '45.84',
      interest: '750.00',
      left_in_wallet: '0.00',
    });
    lender.clock.moveTo(noon('2027-01-10'));
    await lender.carry('2027-01-10');
    expect(await dues(lender, loan)).toMatchObject({ total: '0.00', asset_class: 'standard' });
    expect((await accruals(lender, loan)).filter(({ component }) => component === 'penal')).toHaveLength(10);
    expect(await lender.standing('penal-income')).toBe('45.84');
  });

  test('a horizontal waterfall that takes principal first leaves the charges open', async () => {
    const lender = await aLender();
    const order = ['principal', 'interest', 'fees', 'penal'] as const;
    const product = await lender.product({
      waterfall: { standard: { order: [...order], direction: 'horizontal' } },
    });
    const loan = await aLoan(lender, { product });
    lender.clock.moveTo(noon('2027-01-30'));
    const [answer] = await lender.work(repay, [pay(loan, '8000')]);
    expect(answer).toMatchObject({ principal: '7725.51', interest: '274.49', penal: '0.00' });
  });
});

describe('money that nothing due asks for', () => {
  test('is kept as an advance where the product says so, and pays the next due date by itself', async () => {
    const lender = await aLender();
    const loan = await aLoan(lender, { product: await lender.product({ excess: 'advance' }) });
    const [answer] = await lender.work(repay, [pay(loan, '5000')]);
    expect(answer).toMatchObject({
      outcome: 'repaid',
      taken: '5000.00',
      advance: '5000.00',
      principal: '0.00',
    });
    lender.clock.moveTo(noon('2026-12-21'));
    await lender.carry('2026-12-21');
    expect((await lender.schedule(loan))[0]).toMatchObject({ state: 'paid', paid_principal: '3834.00' });
    expect(await dues(lender, loan)).toMatchObject({ advance: '416.00', total: '0.00' });
  });

  test('stays in the wallet where the product says so', async () => {
    const lender = await aLender();
    const loan = await aLoan(lender, { product: await lender.product({ excess: 'wallet' }) });
    expect(await lender.work(repay, [pay(loan, '5000')])).toMatchObject([
      { outcome: 'repaid', taken: '0.00', left_in_wallet: '5000.00' },
    ]);
    expect(await lender.work(repay, [pay(loan, '5000', { source: 'wallet' })])).toMatchObject([
      { outcome: 'refused', code: 'nothing-due' },
    ]);
  });
});

describe('a payment dated back', () => {
  test('leaves the loan as if it had been taken in time, and both views of the charges', async () => {
    const lender = await aLender();
    const [prompt, late] = [await aLoan(lender), await aLoan(lender)];
    lender.clock.moveTo(noon('2026-12-22'));
    await lender.work(repay, [pay(prompt, '4600')]);
    lender.clock.moveTo(noon('2027-01-05'));
    await lender.carry('2027-01-05');
    const known_then = lender.clock.now();
    lender.clock.moveTo(noon('2027-01-06'));
    const [answer] = await lender.work(repay, [pay(late, '4600', { paid_on: '2026-12-22' })]);
    expect(answer).toMatchObject({
      outcome: 'repaid',
      paid_on: '2026-12-22',
      penal: '9.17',
      business_date: '2027-01-06',
    });
    await lender.carry('2027-01-06');

    const [one, other] = [await standing(lender, prompt), await standing(lender, late)];
    expect({ ...other, schedule: [] }).toEqual({ ...one, schedule: [] });
    expect(other.schedule.map(({ paid_on: _, ...row }) => row)).toEqual(
      one.schedule.map(({ paid_on: _, ...row }) => row),
    );

    const penal = (rows: Awaited<ReturnType<typeof accruals>>) =>
      rows
        .filter(({ component }) => component === 'penal')
        .reduce((sum, { amount }) => sum + Number(amount), 0);
    expect(penal(await accruals(lender, late, known_then))).toBeCloseTo(73.34, 2);
    expect(penal(await accruals(lender, late))).toBeCloseTo(
      9.17 + penal((await accruals(lender, prompt)).slice(3)),
      2,
    );
    const kept = (await accruals(lender, late)).filter(({ corrects }) => corrects);
    expect(kept.length).toBeGreaterThan(0);
  });

  test('further back than the loan goes, or into the future, is refused and changes nothing', async () => {
    const lender = await aLender();
    const loan = await aLoan(lender);
    const before = await standing(lender, loan);
    expect(
      await lender.work(repay, [
        pay(loan, '100', { paid_on: '2026-11-01' }),
        pay(loan, '100', { paid_on: '2026-11-21' }),
      ]),
    ).toMatchObject([{ code: 'too-far-back' }, { code: 'not-yet' }]);
    expect(await standing(lender, loan)).toEqual(before);
  });
});

describe('a payment that bounced', () => {
  test('is undone: the schedule is restored, and the days without it are charged', async () => {
    const lender = await aLender();
    const [bounced, never] = [await aLoan(lender), await aLoan(lender)];
    lender.clock.moveTo(noon('2026-12-18'));
    await lender.work(repay, [pay(bounced, '4584', { reference: 'cheque-7' })]);
    lender.clock.moveTo(noon('2026-12-28'));
    await lender.carry('2026-12-28');
    const wish = { loan: bounced, reference: 'cheque-7', reason: 'funds insufficient' };
    expect(await lender.work(reverse, [wish])).toMatchObject([{ outcome: 'reversed', loan_state: 'active' }]);
    expect(await dues(lender, bounced)).toMatchObject({
      penal: '36.67',
      interest: '750.00',
      days_past_due: 8,
    });
    expect(await standing(lender, bounced)).toEqual(await standing(lender, never));
    expect(await lender.work(reverse, [wish])).toMatchObject([{ code: 'already-reversed' }]);
    expect(
      (await lender.run((tx) => historyOf(tx, bounced, { after: 0, limit: 10 }))).map(({ kind }) => kind),
    ).toEqual(['repayment', 'repayment-reversal']);
  });

  test('reopens a loan that it had closed', async () => {
    const lender = await aLender();
    const loan = await aLoan(lender);
    const all = (await lender.schedule(loan)).reduce((sum, { total }) => sum.plus(total), new Decimal(0));
    await lender.work(repay, [pay(loan, all.toFixed(2), { reference: 'all-of-it' })]);
    expect(await lender.loan(loan)).toMatchObject({ state: 'closed', closed_on: '2026-11-20' });
    await lender.work(reverse, [{ loan, reference: 'all-of-it', reason: 'recalled' }]);
    expect(await lender.loan(loan)).toMatchObject({
      ...{ state: 'active', closed_on: null, principal_outstanding: '50000.00', interest_due: '0.00' },
    });
    expect(await lender.standing('interest-income')).toBe('0.00');
  });

  test('what was never paid cannot bounce', async () => {
    const lender = await aLender();
    const loan = await aLoan(lender);
    expect(await lender.work(reverse, [{ loan, reference: 'nothing', reason: 'x' }])).toMatchObject([
      { outcome: 'refused', code: 'unknown-repayment' },
    ]);
  });
});

describe('interest accrued daily', () => {
  test('adds up to the instalment’s, and is receivable only when due', async () => {
    const lender = await aLender();
    const loan = await aLoan(lender, { product: await lender.product({ accrual: { interest: 'daily' } }) });
    lender.clock.moveTo(noon('2026-12-10'));
    await lender.carry('2026-12-10');
    // 750.00 over 30 days, 20 of them gone
    expect(await lender.standing('interest-income')).toBe('500.00');
    expect(await lender.standing(`loan/${loan}/accrued`)).toBe('500.00');
    expect(await lender.loan(loan)).toMatchObject({ interest_due: '0.00' });
    lender.clock.moveTo(noon('2026-12-20'));
    await lender.carry('2026-12-20');
    expect(await lender.standing(`loan/${loan}/accrued`)).toBe('0.00');
    expect(await lender.loan(loan)).toMatchObject({ interest_due: '750.00' });
    expect(await accruals(lender, loan)).toHaveLength(30);
  });
});

describe('the schedule of a loan', () => {
  test('follows the rules of its product: equal principal by days, shifted off the weekend', async () => {
    const lender = await aLender();
    const product = await lender.product({
      schedule: { amortisation: 'equal-principal', day_count: 'actual/365', holiday_shift: 'next' },
    });
    const loan = await aLoan(lender, { product });
    const schedule = await lender.schedule(loan);
    // 20 December 2026 is a Sunday; 31 days at 18 % on 50,000.00.
    expect(schedule[0]).toMatchObject({ due_on: '2026-12-21', principal: '4166.67', interest: '764.38' });
    expect(schedule).toHaveLength(12);
  });

  test('a moratorium asks for nothing, and then for its interest besides; nothing is capitalised', async () => {
    const lender = await aLender();
    const loan = await aLoan(lender, { product: await lender.product({ schedule: { moratorium: 2 } }) });
    const schedule = await lender.schedule(loan);
    expect(schedule.slice(0, 3)).toMatchObject([
      { principal: '0.00', interest: '0.00' },
      { principal: '0.00', interest: '0.00' },
      { interest: '2250.00' },
    ]);
    lender.clock.moveTo(noon('2027-02-20'));
    await lender.carry('2027-02-20');
    expect(await lender.loan(loan)).toMatchObject({
      interest_due: '2250.00',
      principal_outstanding: '50000.00',
    });
  });
});

test('a loan whose rows are broken is set aside with the reason, and its neighbours are carried', async () => {
  const lender = await aLender();
  const loans = [await aLoan(lender), await aLoan(lender), await aLoan(lender)];
  await database.superuser('UPDATE loan SET interest_account = $1 WHERE id = $2', [uuidv7(), loans[1]]);
  lender.clock.moveTo(noon('2026-12-21'));
  const { tally, set_aside } = await lender.carry('2026-12-21');
  expect(tally).toMatchObject({ done: 2, refused: 1, interest: '1500.00' });
  expect(set_aside).toMatchObject([{ loan: loans[1], code: 'KI011' }]);
  expect(await lender.loan(loans[2]!)).toMatchObject({ interest_due: '750.00' });
});
