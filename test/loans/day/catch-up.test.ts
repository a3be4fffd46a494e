import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import dayCarry from '../../../jobs/day.carry.ts';
import dayClose from '../../../jobs/day.close.ts';
import dayFinish from '../../../jobs/day.finish.ts';
import dayReport from '../../../jobs/day.report.ts';
import disburse from '../../../jobs/loan.disburse.ts';
import repay from '../../../jobs/loan.repay.ts';
import { addDays, isBusinessDate } from '../../../src/calendar/business-date.ts';
import type { AtomicDefinition, Services } from '../../../src/runtime/definition.ts';
import { TODAY, testSealer } from '../../ledger/books.ts';
import { type TestDatabase, testDatabase } from '../../support/database.ts';
import { someRules } from '../a-loan.ts';
import { type Lender, openLender } from '../lending.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Past the first due date and its days of grace. */
const DAYS = 45;
/** Every run of the tests lives another life. */
const RUNS = 1;
const calendar = { time_zone: 'Asia/Kolkata', holidays: new Set<string>() };
const dates = Array.from({ length: DAYS }, (_, index) => addDays(TODAY, index + 1));
const business_dates = dates.filter((date) => isBusinessDate(date, calendar));
const STEPS = [dayClose, dayCarry, dayFinish, dayReport] as unknown as AtomicDefinition[];

interface Payment {
  loan: number;
  on: string;
  amount: string;
  source: 'collection' | 'wallet';
}

const payments: fc.Arbitrary<Payment[]> = fc.array(
  fc.record({
    loan: fc.nat(1),
    on: fc.constantFrom(...dates),
    amount: fc.integer({ min: 1, max: 2_000_000 }).map((minor) => (minor / 100).toFixed(2)),
    source: fc.constantFrom('collection' as const, 'wallet' as const),
  }),
  { maxLength: 5 },
);

/** Closes a day by its jobs, one after the other, as a worker would. */
async function close(lender: Lender, business_date: string): Promise<void> {
  lender.accepted.length = 0;
  const jobs = [{ kind: 'day.close', payload: { business_date, chunk_loans: 1 } as unknown }];
  for (let job = jobs.shift(); job; job = jobs.shift()) {
    await lender.work(STEPS.find(({ kind }) => kind === job!.kind)!, [job.payload]);
    const next = lender.accepted.splice(0).filter(({ kind }) => kind.startsWith('day.'));
    jobs.push(...(next as typeof jobs));
  }
}

/** Lives through the days: payments at noon, and in the evenings given every day that was missed is closed. */
async function live(
  lender: Lender,
  loans: string[],
  paid: readonly Payment[],
  evenings: ReadonlySet<string>,
) {
  let closed = 0;
  for (const date of dates) {
    lender.clock.moveTo(new Date(`${date}T06:30:00Z`));
    for (const [index, { loan, on, amount, source }] of paid.entries()) {
      if (on !== date) continue;
      const money = { amount, currency: 'INR', source };
      await lender.work(repay, [{ loan: loans[loan]!, reference: `${lender.tenant}/${index}`, ...money }]);
    }
    lender.clock.moveTo(new Date(`${date}T17:40:00Z`));
    if (!evenings.has(date)) continue;
    for (; closed < business_dates.length && business_dates[closed]! <= date; closed += 1) {
      await close(lender, business_dates[closed]!);
    }
  }
}

/** An account's code without the id in it. */
const ROLE = `concat_ws('/', split_part(a.code, '/', 1), nullif(split_part(a.code, '/', 3), ''))`;

/** All that a loan's days left, without what may differ: ids, and when it was written. */
async function leftBy(database: TestDatabase, loan: string) {
  const accruals = await database.superuser(
    `SELECT component, instalment, chargeable_day::text, business_date::text, amount::text, tax::text, base::text,
            rate::text, rule
     FROM accrual WHERE loan_id = $1 ORDER BY component, instalment, chargeable_day`,
    [loan],
  );
  const entries = await database.superuser(
    `SELECT j.seq, j.kind, j.business_date::text, e.line, ${ROLE} AS account, e.direction,
            e.amount::text
     FROM journal j JOIN entry e ON e.journal_id = j.id JOIN account a ON a.tenant_id = e.tenant_id AND a.id = e.account_id
     WHERE j.stream_id = $1 ORDER BY j.seq, e.line`,
    [loan],
  );
  const balances = await database.superuser(
    `SELECT ${ROLE} AS account, a.balance::text FROM account a JOIN loan l ON l.id = $1
     WHERE a.code LIKE 'loan/' || l.id || '/%' OR a.id = l.wallet_id ORDER BY 1`,
    [loan],
  );
  const standing = await database.superuser(
    `SELECT state, asset_class, oldest_due_on::text, next_work_on::text, penal_charged::text, suspended_interest::text,
            suspended_penal::text, advance::text
     FROM loan WHERE id = $1`,
    [loan],
  );
  return [accruals, entries, balances, standing].map(({ rows }) => rows);
}

describe.each(['at-due-date', 'daily'] as const)('interest is recognised %s', (interest) => {
  test('catching up missed days leaves the very rows that closing each in time leaves', async () => {
    await fc.assert(
      fc.asyncProperty(
        someRules,
        payments,
        fc.uniqueArray(fc.constantFrom(...business_dates), { maxLength: 3 }),
        async (rules, paid, evenings) => {
          const database = await testDatabase(['punctual', 'late']);
          try {
            const told = [];
            for (const tenant of ['punctual', 'late']) {
              const lender = await openLender(database, tenant);
              Object.assign(lender.context, { services: { sealer: testSealer() } as Services });
              const product = await lender.product({ ...rules, accrual: { interest } });
              const loans = await lender.open([
                { principal: '12000.00', months: 3, product },
                { principal: '60000.00', months: 6, product },
              ]);
              await lender.work(
                disburse,
                loans.map((loan) => ({ loan })),
              );
              const in_time = tenant === 'punctual' ? business_dates : [...evenings, business_dates.at(-1)!];
              await live(lender, loans, paid, new Set(in_time));
              told.push(await Promise.all(loans.map((loan) => leftBy(database, loan))));
              const closed = await database.superuser(
                `SELECT count(*)::int AS days FROM business_day WHERE tenant_id = $1 AND state = 'closed'`,
                [tenant],
              );
              expect(closed.rows[0].days).toBe(business_dates.length);
            }
            expect(told[1]).toEqual(told[0]);
          } finally {
            await database.close();
          }
        },
      ),
      { numRuns: RUNS, endOnFailure: true },
    );
  });
});
