import { v7 as uuidv7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import foreclose from '../../jobs/loan.foreclose.ts';
import repay from '../../jobs/loan.repay.ts';
import {
  lapseQuotes,
  type Quote,
  quoteForeclosure,
  quotesOf,
} from '../../src/loans/operations/foreclosure-quotes.ts';
import { type Lent, lenders, on, payment } from './lent.ts';

const { lenderWithLoan } = await lenders();

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
