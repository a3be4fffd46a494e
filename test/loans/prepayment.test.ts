import { v7 as uuidv7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import prepay from '../../jobs/loan.prepay.ts';
import repay from '../../jobs/loan.repay.ts';
import reverseRepayment from '../../jobs/loan.reverse-repayment.ts';
import { lenders, on, payment } from './lent.ts';

const { lenderWithLoan } = await lenders();

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

test('a prepayment that was held as an advance and bounced is reversed like a repayment', async () => {
  const lent = await lenderWithLoan({ excess: 'wallet' });
  const small = payment(lent.loan, '4000', { effect: 'reduce-term' as const });
  await lent.story.work(prepay, [small]);
  await on(lent, '2026-12-20');
  const reversal = { loan: lent.loan, reference: small.reference, reason: 'bounced' };
  expect(await lent.story.work(reverseRepayment, [reversal])).toMatchObject([{ outcome: 'reversed' }]);
  expect((await lent.story.schedule(lent.loan))[0]).toMatchObject({ paid_principal: '0.00', state: 'due' });
});
