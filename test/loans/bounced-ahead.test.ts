import { afterAll, describe, expect, test } from 'vitest';
import disburse from '../../jobs/loan.disburse.ts';
import repay from '../../jobs/loan.repay.ts';
import reverse from '../../jobs/loan.reverse-repayment.ts';
import { testDatabase } from '../support/database.ts';
import { openLender } from './lending.ts';
import { expectSound } from './soundness.ts';

const tenants = ['at-due-date', 'daily'] as const;
const database = await testDatabase([...tenants]);
afterAll(() => database.close());

describe.each(tenants)('interest is recognised %s', (interest) => {
  test('a payment ahead that bounced: the instalment falls due as if it had never come, however often', async () => {
    const lender = await openLender(database, interest);
    const product = await lender.product({ accrual: { interest } });
    const wish = { principal: '60000.00', months: 6, product };
    const [bounced, other] = (await lender.open([wish, wish])) as [string, string];
    await lender.work(disburse, [{ loan: bounced }, { loan: other }]);
    const money = { amount: '11000.00', currency: 'INR', source: 'collection' as const };
    for (const [time, day] of ['01', '05', '05'].entries()) {
      lender.clock.moveTo(new Date(`2026-12-${day}T06:30:00Z`));
      const reference = `UTR-${time}`;
      const [paid] = await lender.work(repay, [{ loan: bounced, reference, ...money }]);
      expect(paid).toMatchObject({ outcome: 'repaid' });
      const [undone] = await lender.work(reverse, [{ loan: bounced, reference, reason: 'No funds.' }]);
      expect(undone).toMatchObject({ outcome: 'reversed' });
    }
    lender.clock.moveTo(new Date('2026-12-24T17:40:00Z'));
    const { tally, set_aside } = await lender.carry('2026-12-24');
    expect({ set_aside, refused: tally.refused }).toEqual({ set_aside: [], refused: 0 });
    expect(await lender.schedule(bounced)).toEqual(await lender.schedule(other));
    const { rows } = await database.superuser(
      `SELECT loan_id, sum(amount)::text AS interest FROM (
         SELECT loan_id, amount FROM accrual WHERE component = 'interest' AND instalment = 1
         UNION ALL SELECT loan_id, amount FROM accrual_correction WHERE component = 'interest' AND instalment = 1
       ) AS days WHERE loan_id = ANY ($1) GROUP BY loan_id`,
      [[bounced, other]],
    );
    expect(rows.map((row) => row.interest)).toEqual(['900.00', '900.00']);
    await expectSound(database, [interest]);
  });
});
