import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import disburse from '../../jobs/loan.disburse.ts';
import { TODAY } from '../ledger/books.ts';
import { testDatabase } from '../support/database.ts';
import { openLender } from './lending.ts';

const database = await testDatabase();
afterAll(() => database.close());
const lender = await openLender(database);

test('a disbursal fills the wallet, makes the principal receivable and writes the schedule', async () => {
  const wallet = await lender.wallet('asha');
  const [loan] = await lender.open([{ principal: '50000.00', months: 12, wallet }]);
  expect(await lender.work(disburse, [{ loan: loan! }])).toMatchObject([
    {
      outcome: 'disbursed',
      principal: '50000.00',
      instalment: '4584.00',
      disbursed_on: TODAY,
      first_due_on: '2026-12-20',
    },
  ]);
  expect(await lender.balance(wallet)).toBe('50000.00');
  expect(await lender.loan(loan!)).toMatchObject({
    state: 'active',
    principal_outstanding: '50000.00',
    interest_due: '0.00',
    next_due_on: '2026-12-20',
  });
  const schedule = await lender.schedule(loan!);
  expect(schedule).toHaveLength(12);
  expect(schedule[0]).toMatchObject({
    number: 1,
    principal: '3834.00',
    interest: '750.00',
    total: '4584.00',
  });
});

test('a second disbursal of one loan, in the same group or later, moves nothing', async () => {
  const wallet = await lender.wallet('ravi');
  const [loan] = await lender.open([{ principal: '20000.00', months: 6, wallet }]);
  const together = await lender.work(disburse, [{ loan: loan! }, { loan: loan! }]);
  const later = await lender.work(disburse, [{ loan: loan! }]);
  expect([...together, ...later].map((answer) => answer.outcome)).toEqual([
    'disbursed',
    'duplicate',
    'duplicate',
  ]);
  expect(await lender.balance(wallet)).toBe('20000.00');
  expect(await lender.schedule(loan!)).toHaveLength(6);
});

test('two groups that race for the same loans pay each out once', async () => {
  const loans = await lender.open(Array.from({ length: 20 }, () => ({ principal: '10000.00', months: 6 })));
  const before = await lender.standing('loan/%/principal');
  const answers = await Promise.all([
    lender.work(
      disburse,
      loans.map((loan) => ({ loan })),
    ),
    lender.work(
      disburse,
      loans.toReversed().map((loan) => ({ loan })),
    ),
  ]);
  const outcomes = answers.flat().map((answer) => answer.outcome);
  expect(outcomes.filter((outcome) => outcome === 'disbursed')).toHaveLength(20);
  expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(20);
  expect(BigInt((await lender.standing('loan/%/principal')).replace('.', ''))).toBe(
    BigInt(before.replace('.', '')) + 200_000_00n,
  );
});

test('one unknown loan among 64 is answered, and the other 63 are paid out', async () => {
  const loans = await lender.open(Array.from({ length: 63 }, () => ({ principal: '30000.00', months: 12 })));
  loans.splice(31, 0, uuidv7());
  const answers = await lender.work(
    disburse,
    loans.map((loan) => ({ loan })),
  );
  expect(answers[31]).toMatchObject({ outcome: 'refused', code: 'unknown-loan' });
  expect(answers.filter((answer) => answer.outcome === 'disbursed')).toHaveLength(63);
  expect(await lender.standing('loan/%/principal')).toBe(await lender.standing('wallet/%'));
});
