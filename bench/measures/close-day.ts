import { addDays } from '../../src/calendar/business-date.ts';
import { DAY_BEFORE, disbursePortfolio, FIRST_DAY } from '../aged.ts';
import { compared, type Measure, median, type Plan, round } from '../measure.ts';
import { openLender, TENANT } from '../portfolio.ts';
import { type Servers, startChild, startServers } from '../servers.ts';

interface Closed {
  /** From the first job accepted to the last chunk carried, and to the signed report. */
  carried_ms: number;
  closed_ms: number;
  memory_mb: number;
}

/**
 * The journals that a day's close posted, posted once more by one bare statement: entries, accruals,
 * balances and stream heads with them, amounts read instead of worked out, and none of the rest (no locks in
 * order, no admission, no instalments, no loans, no jobs).
 */
async function postBare(servers: Servers, day: string): Promise<number> {
  const started = performance.now();
  await servers.sql(
    `WITH source AS MATERIALIZED (
       SELECT j.tenant_id, j.id, uuidv7() AS new_id, j.stream_id, s.head_seq, s.head_hash
       FROM journal j JOIN stream s ON s.tenant_id = j.tenant_id AND s.id = j.stream_id
       WHERE j.tenant_id = $1 AND j.business_date = $2 AND j.kind = 'loan.day'
     ), posted AS (
       INSERT INTO journal (tenant_id, id, stream_id, seq, kind, key, business_date, posted_at, prev_hash, hash)
       SELECT tenant_id, new_id, stream_id, head_seq + 1, 'bare', 'bare/' || id, $3, now(), head_hash,
              sha256(head_hash || convert_to(new_id::text, 'UTF8'))
       FROM source
       RETURNING stream_id, seq, hash
     ), lines AS (
       INSERT INTO entry (tenant_id, journal_id, line, account_id, direction, amount, currency)
       SELECT e.tenant_id, source.new_id, e.line, e.account_id, e.direction, e.amount, e.currency
       FROM source JOIN entry e ON e.tenant_id = source.tenant_id AND e.journal_id = source.id
     ), days AS (
       INSERT INTO accrual (tenant_id, loan_id, component, instalment, chargeable_day, business_date, posted_at,
                            amount, tax, base, rate, rule, journal_id)
       SELECT c.tenant_id, c.loan_id, c.component, c.instalment, c.chargeable_day + 1000, $3, now(),
              c.amount, c.tax, c.base, c.rate, c.rule, source.new_id
       FROM source JOIN accrual c ON c.tenant_id = source.tenant_id AND c.loan_id = source.stream_id
                                 AND c.business_date = $2
     ), heads AS (
       UPDATE stream s SET head_seq = posted.seq, head_hash = posted.hash
       FROM posted WHERE s.tenant_id = $1 AND s.id = posted.stream_id
     )
     UPDATE account a SET balance = a.balance + moved.delta
     FROM (
       SELECT e.account_id,
              sum(CASE WHEN (e.direction = 'debit') = o.debit_normal THEN e.amount ELSE -e.amount END) AS delta
       FROM source JOIN entry e ON e.tenant_id = source.tenant_id AND e.journal_id = source.id
       JOIN account o ON o.tenant_id = e.tenant_id AND o.id = e.account_id AND o.keeps_balance
       GROUP BY e.account_id
     ) AS moved
     WHERE a.tenant_id = $1 AND a.id = moved.account_id`,
    [TENANT, day, addDays(day, 1)],
  );
  return performance.now() - started;
}

interface Days {
  kist_ms: number[];
  closed_ms: number[];
  bare_ms: number[];
  memory_mb: number;
  journals: number;
}

/** Builds a portfolio and closes one day after the other, each against the bare statement. */
async function closeDays(loans: number, rounds: number): Promise<Days> {
  const servers = await startServers();
  const lender = await openLender(servers);
  try {
    await disbursePortfolio(lender.pool, loans, 'personal-loan');
    await servers.sql('VACUUM ANALYZE');
    const days: Days = { kist_ms: [], closed_ms: [], bare_ms: [], memory_mb: 0, journals: 0 };
    const { databaseUrl, redisUrl } = servers;
    const task = { databaseUrl, redisUrl, tenant: TENANT, from: DAY_BEFORE };
    const worker = await startChild('day-worker', task);
    days.memory_mb = (await worker.ask<Closed>(DAY_BEFORE)).memory_mb;
    for (let round = 0, day = FIRST_DAY; round < rounds; round += 1, day = nextWeekday(day)) {
      const { carried_ms, closed_ms, memory_mb } = await worker.ask<Closed>(day);
      days.kist_ms.push(carried_ms);
      days.closed_ms.push(closed_ms);
      days.memory_mb = Math.max(days.memory_mb, memory_mb);
      days.bare_ms.push(await bareOnACopy(servers, day));
    }
    await worker.stop();
    const counted = await servers.sql(
      `SELECT count(*)::int4 AS journals FROM journal WHERE business_date = $1 AND kind = 'loan.day'`,
      [FIRST_DAY],
    );
    days.journals = counted.rows[0].journals;
    return days;
  } finally {
    await lender.close();
    await servers.stop();
  }
}

/** Taken back afterwards, so that the books stay true for the next day. */
async function bareOnACopy(servers: Servers, day: string): Promise<number> {
  // What the planner knows is from before the day: without this the statement took 45 s for 12,907 postings.
  await servers.sql('ANALYZE journal, entry, accrual, account, stream');
  return servers.inOneConnection(async (run) => {
    await run('BEGIN');
    try {
      return await postBare({ ...servers, sql: run }, day);
    } finally {
      await run('ROLLBACK');
    }
  });
}

function nextWeekday(day: string): string {
  const next = addDays(day, 1);
  const weekday = new Date(`${next}T00:00:00Z`).getUTCDay();
  return weekday === 0 || weekday === 6 ? nextWeekday(next) : next;
}

/** The close of day against one bare statement; what a loan costs where there are ten times as many. */
export async function closeOfDay(plan: Plan): Promise<Measure[]> {
  const few = await closeDays(plan.loans, plan.rounds);
  const many = await closeDays(plan.loans * plan.loans_growth, 1);
  const per_second = (loans: number, ms: readonly number[]) => ms.map((each) => (loans / each) * 1_000);
  const cost = (loans: number, days: Days) => (median(days.kist_ms) / loans) * 1_000;
  const large = plan.loans * plan.loans_growth;
  return [
    compared(
      'close-day-vs-bare-sql',
      'loans/s',
      per_second(plan.loans, few.kist_ms),
      {
        name: `the same ${few.journals} postings in one bare statement`,
        values: per_second(plan.loans, few.bare_ms),
      },
      0.6,
    ),
    {
      name: 'close-day-growth',
      value: round(cost(large, many)),
      unit: 'µs/loan',
      against: { name: `${plan.loans} loans instead of ${large}`, value: round(cost(plan.loans, few)) },
      ratio: round(cost(large, many) / cost(plan.loans, few)),
      target: 1.2,
      higherIsBetter: false,
    },
    {
      name: 'close-day-memory',
      value: round(many.memory_mb),
      unit: 'MB',
      against: { name: 'bound', value: 300 },
      ratio: round(many.memory_mb / 300),
      target: 1,
      higherIsBetter: false,
    },
  ];
}
