import { v7 as uuidv7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import recover from '../../jobs/loan.recover.ts';
import repay from '../../jobs/loan.repay.ts';
import { restructureLoan } from '../../src/loans/operations/restructuring.ts';
import { writeOffLoan } from '../../src/loans/operations/writing-off.ts';
import { contextOf, type Lent, lenders, on, payment } from './lent.ts';

const { database, lenderWithLoan } = await lenders();

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
