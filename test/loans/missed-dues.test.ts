import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import disburse from '../../jobs/loan.disburse.ts';
import repay from '../../jobs/loan.repay.ts';
import reverseRepayment from '../../jobs/loan.reverse-repayment.ts';
import { FOLLOWERS } from '../../src/followers.ts';
import { follow } from '../../src/following/follow.ts';
import { scoreOf } from '../../src/loans/score/scores.ts';
import { testDatabase } from '../support/database.ts';
import { openLender } from './lending.ts';

const database = await testDatabase();
afterAll(() => database.close());
const lender = await openLender(database);

test('a payment dated back to before the due date gives the points back; if it bounces, nothing is taken twice', async () => {
  const wallet = uuidv7();
  const [loan] = await lender.open([{ principal: '12000', months: 12, wallet }]);
  await lender.work(disburse, [{ loan: loan! }]);
  const standing = async () => (await lender.run((tx) => scoreOf(tx, wallet, { limit: 9 })))!;
  const reasons = async () => (await standing()).moves.map(({ reason, moved }) => [reason, moved]);

  for (const day of ['2026-12-20', '2026-12-21']) await lender.carry(day);
  expect(await reasons()).toEqual([['missed-due', -30]]);

  lender.clock.moveTo(new Date('2026-12-22T06:30:00Z'));
  const payment = { loan: loan!, amount: '2000', currency: 'INR', reference: 'late in the post' };
  const paid = await lender.work(repay, [{ ...payment, source: 'collection', paid_on: '2026-12-18' }]);
  expect(paid).toMatchObject([{ outcome: 'repaid' }]);
  expect(await reasons()).toEqual([
    ['taken-back', 30],
    ['missed-due', -30],
  ]);

  const { reference } = payment;
  const bounced = await lender.work(reverseRepayment, [{ loan: loan!, reference, reason: 'no funds' }]);
  expect(bounced).toMatchObject([{ outcome: 'reversed' }]);
  expect((await follow(database.app, 'acme', FOLLOWERS))?.failures).toEqual([]);
  expect(await standing()).toMatchObject({ score: 650 });
});
