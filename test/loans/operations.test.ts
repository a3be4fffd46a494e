import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import chargeFee from '../../jobs/loan.charge-fee.ts';
import disburse from '../../jobs/loan.disburse.ts';
import foreclose from '../../jobs/loan.foreclose.ts';
import prepay from '../../jobs/loan.prepay.ts';
import recover from '../../jobs/loan.recover.ts';
import repay from '../../jobs/loan.repay.ts';
import reverseRepayment from '../../jobs/loan.reverse-repayment.ts';
import {
  lapseQuotes,
  type Quote,
  quoteForeclosure,
  quotesOf,
} from '../../src/loans/operations/foreclosure-quotes.ts';
import { restructureLoan } from '../../src/loans/operations/restructuring.ts';
import { waiveCharges } from '../../src/loans/operations/waiving.ts';
import { writeOffLoan } from '../../src/loans/operations/writing-off.ts';
import type { productRules } from '../../src/loans/product-rules.ts';
import { testDatabase } from '../support/database.ts';
import { openLender } from './lending.ts';
import { expectSound } from './soundness.ts';

const tenants = Array.from({ length: 40 }, (_, index) => `lender-${index + 1}`);
const database = await testDatabase([...tenants]);
afterAll(() => database.close());
const lending: string[] = [];
afterEach(() => expectSound(database, lending.splice(0)));

/** Each story has a lender of its own: its days are its own. Loans are paid out on 20 November 2026. */
async function lenderWithLoan(
  rules: z.input<typeof productRules> = {},
  { principal = '50000.00', months = 12 } = {},
) {
  const tenant = tenants.shift()!;
  lending.push(tenant);
  const lender = await openLender(database, tenant);
  const product = await lender.product(rules);
  const [loan] = await lender.open([{ principal, months, product }]);
  await lender.work(disburse, [{ loan: loan! }]);
  return { ...lender, loan: loan!, story: lender };
}
type Lent = Awaited<ReturnType<typeof lenderWithLoan>>;

async function on(lent: Lent, day: string): Promise<void> {
  lent.clock.moveTo(new Date(`${day}T12:00:00Z`));
  await lent.story.carry(day);
}

const payment = <More extends object>(loan: string, amount: string, more: More = {} as More) => ({
  ...{ loan, amount, currency: 'INR', reference: uuidv7(), source: 'collection' as const },
  ...more,
});

const waive = (lent: Lent, component: 'penal' | 'fees', amount: string, approval: string = uuidv7()) =>
  lent.story.run((tx) =>
    waiveCharges(
      tx,
      { tenant: lent.tenant, now: lent.clock.now(), accept: lent.context.accept },
      { loan: lent.loan, component, amount, reason: 'hospital' },
      approval,
    ),
  );

describe('a waiver', () => {
  test('forgives penal charges with the tax in them, as an expense, never more than is unpaid', async () => {
    const lent = await lenderWithLoan({ penal: { tax_rate: '0.18' } });
    await on(lent, '2026-12-30');
    const [first] = await lent.story.schedule(lent.loan);
    // 4,584.00 × 0.001 × 10 days, and 18 % of it
    expect(first).toMatchObject({ penal: '54.09' });
    expect(await waive(lent, 'penal', '54.10')).toMatchObject({ code: 'more-than-unpaid' });
    const approval = uuidv7();
    expect(await waive(lent, 'penal', '20', approval)).toMatchObject({ waived: '20.00', tax: '3.05' });
    expect(await waive(lent, 'penal', '20', approval)).toMatchObject({ code: 'duplicate-reference' });
    expect(await lent.story.standing('waiver-expense')).toBe('16.95');
    expect(await lent.story.standing('tax-payable')).toBe('5.20');
    expect((await lent.story.schedule(lent.loan))[0]).toMatchObject({ penal: '34.09' });
  });

  test('on a non-performing account gives up what was never income', async () => {
    const lent = await lenderWithLoan();
    await on(lent, '2027-03-25');
    expect(await lent.story.standing('penal-income')).toBe('0.00');
    const suspended = await lent.story.standing('penal-suspense');
    await waive(lent, 'penal', '100');
    expect(await lent.story.standing('waiver-expense')).toBe('0.00');
    expect(Number(suspended) - Number(await lent.story.standing('penal-suspense'))).toBeCloseTo(100);
  });

  test('is remembered when a payment before it is told anew', async () => {
    const lent = await lenderWithLoan();
    await on(lent, '2026-12-30');
    await waive(lent, 'penal', '10');
    await on(lent, '2027-01-05');
    const [paid] = await lent.story.work(repay, [payment(lent.loan, '4584', { paid_on: '2026-12-25' })]);
    expect(paid).toMatchObject({ outcome: 'repaid' });
    // Five days were chargeable, and paid; 22.92 of principal stayed open. Of its charge all was forgiven
    // by the 30th, 0.11, and six days more cost 0.14.
    expect((await lent.story.schedule(lent.loan))[0]).toMatchObject({ penal: '23.06' });
  });
});

describe('a fee', () => {
  test('is due with the next instalment, paid by the waterfall, and can be waived', async () => {
    const lent = await lenderWithLoan();
    const fee = { loan: lent.loan, name: 'bounced payment', amount: '500', tax: '90', currency: 'INR' };
    const [charged] = await lent.story.work(chargeFee, [{ ...fee, reference: 'bounce-1' }]);
    expect(charged).toMatchObject({ outcome: 'charged', instalment: 1, due_on: '2026-12-20' });
    expect(await lent.story.work(chargeFee, [{ ...fee, reference: 'bounce-1' }])).toMatchObject([
      { code: 'duplicate-reference' },
    ]);
    expect(await lent.story.standing('fee-income')).toBe('500.00');
    expect(await waive(lent, 'fees', '295')).toMatchObject({ waived: '295.00', tax: '45.00' });
    const [paid] = await lent.story.work(repay, [payment(lent.loan, '4879')]);
    expect(paid).toMatchObject({ fees: '295.00', interest: '750.00', principal: '3834.00' });
  });
});

describe('a prepayment', () => {
  const charges = {
    charges: { prepayment: { bands: [{ days_from: 0, rate: '0.02' }], tax_rate: '0.18' } },
  };

  test('lowers the instalment: interest to the day is paid, the due dates stay', async () => {
    const lent = await lenderWithLoan();
    await on(lent, '2026-12-05');
    const [answer] = await lent.story.work(prepay, [
      payment(lent.loan, '20370', { effect: 'reduce-instalment' as const }),
    ]);
    // 15 of 30 days of 750.00 are earned.
    expect(answer).toMatchObject({
      ...{ outcome: 'prepaid', dues: '0.00', interest: '375.00', charge: '0.00', principal: '19995.00' },
      ...{ instalments_left: 12, last_due_on: '2027-11-20', principal_outstanding: '30005.00' },
    });
    const rows = await lent.story.schedule(lent.loan);
    expect(rows).toHaveLength(13);
    expect(rows[0]).toMatchObject({ number: 13, due_on: '2026-12-05', principal: '19995.00', state: 'paid' });
    // The other 15 days bear interest on what is left: 30,005.00 × 0.015 × 15 / 30.
    expect(rows[1]).toMatchObject({ number: 14, due_on: '2026-12-20', interest: '225.04' });
    const announced = (answer as { instalment: string }).instalment;
    for (const row of rows.slice(1, -1)) expect(row.total).toBe(announced);
  });

  test('or the term: the instalment stays, the last row is short, and no number is used twice', async () => {
    const lent = await lenderWithLoan();
    await on(lent, '2026-12-20');
    const [answer] = await lent.story.work(prepay, [
      payment(lent.loan, '24584', { effect: 'reduce-term' as const }),
    ]);
    expect(answer).toMatchObject({ dues: '4584.00', interest: '0.00', principal: '20000.00' });
    const rows = await lent.story.schedule(lent.loan);
    expect(rows.map(({ number }) => number)).toEqual([1, 13, 14, 15, 16, 17, 18, 19, 20]);
    expect(rows.slice(2, -1).map(({ total }) => total)).toEqual(Array(6).fill('4584.00'));
    expect(Number(rows.at(-1)!.total)).toBeLessThan(4584);
    await on(lent, '2027-01-25');
    const second = payment(lent.loan, '14673.76', { effect: 'reduce-instalment' as const });
    expect(await lent.story.work(prepay, [second])).toMatchObject([{ outcome: 'prepaid' }]);
    const numbers = (await lent.story.schedule(lent.loan)).map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(Math.max(...numbers)).toBeGreaterThan(20);
    expect(numbers.slice(0, 3)).toEqual([1, 13, 14]);
  });

  test('below one instalment waits as an advance, and says so', async () => {
    const lent = await lenderWithLoan();
    const small = payment(lent.loan, '4000', { effect: 'reduce-term' as const });
    expect(await lent.story.work(prepay, [small])).toMatchObject([
      { outcome: 'held-as-advance', advance: '4000.00' },
    ]);
    expect(await lent.story.work(prepay, [small])).toMatchObject([{ code: 'duplicate-reference' }]);
    expect(await lent.story.schedule(lent.loan)).toHaveLength(12);
    await on(lent, '2026-12-20');
    expect((await lent.story.schedule(lent.loan))[0]).toMatchObject({ paid_principal: '3250.00' });
  });

  test('is charged by the contract, unless the directions forbid it', async () => {
    const fixed = await lenderWithLoan(charges);
    const asked = { effect: 'reduce-instalment' as const };
    expect(await fixed.story.work(prepay, [payment(fixed.loan, '20472', asked)])).toMatchObject([
      { principal: '20000.00', charge: '400.00', tax: '72.00', charge_rule: 'contract' },
    ]);
    expect(await fixed.story.standing('fee-income')).toBe('400.00');
    const floating = await lenderWithLoan({ charges: { ...charges.charges, rate_type: 'floating' } });
    expect(await floating.story.work(prepay, [payment(floating.loan, '20000', asked)])).toMatchObject([
      { principal: '20000.00', charge: '0.00', charge_rule: expect.stringContaining('rbi-prepayment-2025') },
    ]);
  });

  test('of all that is left asks for a foreclosure; from an empty wallet it leaves all as it was', async () => {
    const lent = await lenderWithLoan();
    const all = payment(lent.loan, '60000', { effect: 'reduce-term' as const });
    expect(await lent.story.work(prepay, [all])).toMatchObject([{ code: 'pays-all' }]);
    const wallet = (await lent.story.loan(lent.loan))!.wallet_id;
    expect(await lent.story.balance(wallet)).toBe('50000.00');
    const { default: withdraw } = await import('../../jobs/wallet.withdraw.ts');
    await lent.story.work(withdraw, [{ wallet, amount: '50000', currency: 'INR', reference: uuidv7() }]);
    const poor = payment(lent.loan, '20000', { effect: 'reduce-term' as const, source: 'wallet' as const });
    expect(await lent.story.work(prepay, [poor])).toMatchObject([{ code: 'insufficient-funds' }]);
    expect(await lent.story.schedule(lent.loan)).toHaveLength(12);
  });

  test('is where telling the loan’s life again begins: later payments are dated back, earlier ones not', async () => {
    const lent = await lenderWithLoan();
    const early = payment(lent.loan, '1000');
    await lent.story.work(repay, [early]);
    await on(lent, '2026-12-05');
    await lent.story.work(prepay, [payment(lent.loan, '20000', { effect: 'reduce-instalment' as const })]);
    await on(lent, '2027-01-10');
    const back = (paid_on: string) => payment(lent.loan, '500', { paid_on });
    expect(await lent.story.work(repay, [back('2026-12-01')])).toMatchObject([{ code: 'too-far-back' }]);
    expect(await lent.story.work(repay, [back('2026-12-22')])).toMatchObject([{ outcome: 'repaid' }]);
    const late = payment(lent.loan, '700');
    await lent.story.work(repay, [late]);
    const reversal = (reference: string) => ({ loan: lent.loan, reference, reason: 'bounced' });
    expect(await lent.story.work(reverseRepayment, [reversal(late.reference)])).toMatchObject([
      { outcome: 'reversed' },
    ]);
    expect(await lent.story.work(reverseRepayment, [reversal(early.reference)])).toMatchObject([
      { code: 'too-far-back' },
    ]);
  });

  test.each(['daily', 'at-due-date'] as const)(
    'recognises interest to the day, accrued %s',
    async (interest) => {
      const lent = await lenderWithLoan({ accrual: { interest } });
      await on(lent, '2026-12-08');
      await lent.story.work(prepay, [payment(lent.loan, '20000', { effect: 'reduce-term' as const })]);
      expect(await lent.story.standing('interest-income')).toBe('450.00');
    },
  );
});

describe('a foreclosure quote', () => {
  const charges = {
    charges: { foreclosure: { bands: [{ days_from: 0, rate: '0.03' }], tax_rate: '0.18' } },
  };
  const quoted = (lent: Lent) =>
    lent.story.run((tx) =>
      quoteForeclosure(tx, { tenant: lent.tenant, actor: 'operator:ravi', now: lent.clock.now() }, lent.loan),
    );
  const accept = (lent: Lent, { id }: Quote, more: object = {}) =>
    lent.story.work(foreclose, [
      { loan: lent.loan, quote: id, source: 'collection' as const, reference: uuidv7(), ...more },
    ]);

  test('says what ending the loan asks for, and each further day; it is honoured to the paisa', async () => {
    const lent = await lenderWithLoan(charges);
    await on(lent, '2026-12-05');
    const quote = await quoted(lent);
    // 15 of 30 days of 750.00; 3 % of 50,000.00, and 18 % of that
    expect(quote).toMatchObject({
      ...{ state: 'open', quoted_on: '2026-12-05', valid_until: '2026-12-12', per_diem: '25.00' },
      total: '52145.00',
      breakdown: { principal: '50000.00', accrued_interest: '375.00', charge: '1500.00', tax: '270.00' },
    });
    await on(lent, '2026-12-10');
    const announced = quote.breakdown.by_day.find((each) => each.on === '2026-12-10')!.total;
    expect(announced).toBe('52270.00');
    expect(await accept(lent, quote)).toMatchObject([{ outcome: 'foreclosed', total: announced }]);
    expect(await lent.story.loan(lent.loan)).toMatchObject({
      ...{ state: 'foreclosed', closed_on: '2026-12-10', principal_outstanding: '0.00', next_due_on: null },
    });
    expect(await lent.story.standing('interest-income')).toBe('500.00');
    expect(await lent.story.standing('fee-income')).toBe('1500.00');
    expect(await lent.story.schedule(lent.loan)).toMatchObject([
      { number: 13, due_on: '2026-12-10', principal: '50000.00', interest: '500.00', state: 'paid' },
    ]);
  });

  test('accepted twice is the same, whatever the second time says', async () => {
    const lent = await lenderWithLoan();
    const quote = await quoted(lent);
    const [first] = await accept(lent, quote);
    expect(await accept(lent, quote)).toEqual([first]);
    expect(await lent.story.standing('bank')).toBe('50000.00');
  });

  test('counts dues, penal charges and what was paid ahead; in arrears each day adds its charge', async () => {
    const lent = await lenderWithLoan({ excess: 'advance' });
    await lent.story.work(repay, [payment(lent.loan, '1000')]);
    await on(lent, '2026-12-30');
    const quote = await quoted(lent);
    expect(quote.breakdown).toMatchObject({ advance: '0.00', penal: expect.not.stringMatching(/^0.00$/) });
    for (const { on: day, total } of quote.breakdown.by_day.slice(0, 3)) {
      await on(lent, day);
      expect((await quoted(lent)).total).toBe(total);
    }
    expect(await accept(lent, quote)).toMatchObject([{ outcome: 'foreclosed' }]);
  });

  test('is refused once its time is over, or something happened to the loan, or the wallet is empty', async () => {
    const lent = await lenderWithLoan();
    const stale = await quoted(lent);
    await lent.story.work(repay, [payment(lent.loan, '100')]);
    expect(await accept(lent, stale)).toMatchObject([{ code: 'quote-stale' }]);
    const late = await quoted(lent);
    expect(await accept(lent, late, { source: 'wallet' })).toMatchObject([{ code: 'insufficient-funds' }]);
    expect(await accept(lent, late)).toMatchObject([{ outcome: 'foreclosed' }]);
    const other = await lenderWithLoan();
    const expiring = await quoted(other);
    await on(other, '2026-11-28');
    expect(await accept(other, expiring)).toMatchObject([{ code: 'quote-expired' }]);
    expect(await accept(other, { ...expiring, id: uuidv7() })).toMatchObject([{ code: 'unknown-quote' }]);
    expect(await other.story.run((tx) => lapseQuotes(tx, '2026-11-26'))).toBe(0);
    expect(await other.story.run((tx) => lapseQuotes(tx, '2026-11-27'))).toBe(1);
    expect(await other.story.run((tx) => quotesOf(tx, other.loan, 10))).toMatchObject([{ state: 'expired' }]);
  });
});

const contextOf = (lent: Lent) => ({
  ...{ tenant: lent.tenant, now: lent.clock.now(), accept: lent.context.accept },
});
const giveUp = (lent: Lent) =>
  lent.story.run((tx) =>
    writeOffLoan(tx, contextOf(lent), { loan: lent.loan, reason: 'vanished' }, uuidv7()),
  );

describe('a write-off', () => {
  test('gives up all that is unpaid as an expense; what comes back is income, up to that', async () => {
    const lent = await lenderWithLoan();
    await lent.story.work(repay, [payment(lent.loan, '4584')]);
    await on(lent, '2027-01-25');
    const answer = await giveUp(lent);
    // 46,166.00 of principal, 692.49 of interest, 5 days of 4,584.00 × 0.001
    expect(answer).toMatchObject({
      ...{ outcome: 'written-off', principal: '46166.00', written_off: '46881.41', expense: '46881.41' },
    });
    expect(await lent.story.standing('write-off-expense')).toBe('46881.41');
    expect(await lent.story.loan(lent.loan)).toMatchObject({
      ...{ state: 'written-off', closed_on: '2027-01-25', principal_outstanding: '0.00', next_due_on: null },
    });
    expect(await lent.story.schedule(lent.loan)).toHaveLength(1);
    const back = (amount: string) => ({ loan: lent.loan, amount, currency: 'INR', reference: uuidv7() });
    expect(await lent.story.work(recover, [back('40000')])).toMatchObject([{ left: '6881.41' }]);
    expect(await lent.story.work(recover, [back('6881.42')])).toMatchObject([
      { code: 'more-than-written-off' },
    ]);
    expect(await lent.story.work(recover, [back('6881.41')])).toMatchObject([{ left: '0.00' }]);
    expect(await lent.story.standing('recovery-income')).toBe('46881.41');
    expect(await lent.story.work(repay, [payment(lent.loan, '1')])).toMatchObject([
      { code: 'loan-not-active' },
    ]);
    expect(await giveUp(lent)).toMatchObject({ code: 'loan-not-active' });
  });

  test.each(['daily', 'at-due-date'] as const)(
    'of a non-performing loan takes what was no income out of suspense, accrued %s',
    async (interest) => {
      const lent = await lenderWithLoan({ accrual: { interest } });
      await lent.story.work(repay, [payment(lent.loan, '1000')]);
      await on(lent, '2027-04-05');
      const answer = await giveUp(lent);
      expect(answer).toMatchObject({ outcome: 'written-off' });
      expect(await lent.story.standing('interest-suspense')).toBe('0.00');
      expect(await lent.story.standing('penal-suspense')).toBe('0.00');
    },
  );
});

describe('a restructure', () => {
  const onNewTerms = (lent: Lent, terms: object) =>
    lent.story.run((tx) =>
      restructureLoan(
        tx,
        contextOf(lent),
        { loan: lent.loan, instalments: 24, moratorium: 0, reason: 'lost the job', ...terms },
        uuidv7(),
      ),
    );

  test('plans all unpaid principal anew; unpaid interest and charges wait on a row of their own', async () => {
    const lent = await lenderWithLoan();
    await on(lent, '2027-01-05');
    const answer = await onNewTerms(lent, { annual_rate: '0.12', first_due_on: '2027-02-05' });
    expect(answer).toMatchObject({
      ...{ outcome: 'restructured', principal: '50000.00', annual_rate: '0.12', instalments: 24 },
      carried: { interest: '1107.41', penal: '73.34', fees: '0.00' },
    });
    const rows = await lent.story.schedule(lent.loan);
    expect(rows[0]).toMatchObject({
      ...{ number: 13, due_on: '2027-02-05', principal: '0.00', interest: '1107.41', penal: '73.34' },
    });
    expect(rows[1]).toMatchObject({ number: 14, due_on: '2027-02-05', interest: '500.00' });
    expect(rows).toHaveLength(25);
    expect(rows.slice(1).reduce((sum, { principal }) => sum + Number(principal), 0)).toBeCloseTo(50_000);
    await on(lent, '2027-02-04');
    expect((await lent.story.schedule(lent.loan))[0]).toMatchObject({ penal: '73.34' });
    await on(lent, '2027-02-10');
    await lent.story.work(repay, [payment(lent.loan, '1300')]);
    expect((await lent.story.schedule(lent.loan))[0]).toMatchObject({ state: 'paid' });
  });

  test('charges three days where three days have passed, not a month', async () => {
    const lent = await lenderWithLoan();
    await on(lent, '2026-12-17');
    await onNewTerms(lent, { instalments: 12 });
    const rows = await lent.story.schedule(lent.loan);
    // To the 20th: 3 of 30 days of 750.00.
    expect(rows[1]).toMatchObject({ due_on: '2026-12-20', interest: '75.00' });
  });

  test('with a moratorium asks for nothing at first; its interest never becomes principal', async () => {
    const lent = await lenderWithLoan();
    const answer = await onNewTerms(lent, { instalments: 12, moratorium: 3 });
    expect(answer).toMatchObject({ outcome: 'restructured', principal: '50000.00' });
    const rows = await lent.story.schedule(lent.loan);
    expect(rows.slice(0, 3).map(({ total }) => total)).toEqual(['0.00', '0.00', '0.00']);
    expect(rows[3]).toMatchObject({ interest: '3000.00' });
    await on(lent, '2027-03-25');
    expect((await lent.story.schedule(lent.loan))[0]).toMatchObject({ state: 'paid' });
    expect((await lent.story.loan(lent.loan))!.state).toBe('active');
  });

  test('of a non-performing loan leaves it one for a time of observation', async () => {
    const lent = await lenderWithLoan();
    await on(lent, '2027-03-25');
    await onNewTerms(lent, { instalments: 12 });
    const suspended = await lent.story.standing('interest-suspense');
    await on(lent, '2027-04-01');
    expect(await lent.story.standing('interest-suspense')).toBe(suspended);
    const { rows } = await database.superuser('SELECT asset_class FROM loan WHERE id = $1', [lent.loan]);
    expect(rows).toEqual([{ asset_class: 'npa' }]);
  });
});
