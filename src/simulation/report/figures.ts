import { TENANT } from '../world/lender.ts';
import type { World } from '../world/world.ts';

/** What the charts of a report are drawn of. Amounts are text, counts numbers. */
export interface Figures {
  jobs: { kind: string; state: string; jobs: number; dispatches: number }[];
  retries: { kind: string; word: string; code: string; attempts: number }[];
  /** Balances at the end of each business date. */
  balances: { date: string; principal: string; income: string; suspense: string }[];
  /** Active loans by days past due at the end. */
  past_due: { bucket: string; loans: number }[];
  /** How each closed day found the active loans. */
  classes: { date: string; asset_class: string; loans: number }[];
  loans: { state: string; loans: number }[];
  journals: number;
  entries: number;
  /** Attempts to pay out, by how they ended. */
  payouts: { state: string; attempts: number }[];
  bureau: { requests: number; failed: number };
  gateway: { requests: number; failed: number };
}

export async function gatherFigures(world: World): Promise<Figures> {
  const [jobs, retries, balances, past_due, classes, loans, payouts, [counts]] = await Promise.all([
    world.sql<Figures['jobs'][number]>(JOBS, [TENANT]),
    world.sql<Figures['retries'][number]>(RETRIES, [TENANT]),
    world.sql<Figures['balances'][number]>(BALANCES, [TENANT]),
    world.sql<Figures['past_due'][number]>(PAST_DUE, [TENANT]),
    world.sql<Figures['classes'][number]>(CLASSES, [TENANT]),
    world.sql<Figures['loans'][number]>(LOANS, [TENANT]),
    world.sql<Figures['payouts'][number]>(PAYOUTS, [TENANT]),
    world.sql<{ journals: number; entries: number }>(COUNTS, [TENANT]),
  ]);
  const calls = world.gateway.log();
  const gateway = { requests: calls.length, failed: calls.filter(({ fault }) => fault !== null).length };
  return {
    ...{ jobs, retries, balances, past_due, classes, loans, payouts, ...counts! },
    ...{ bureau: world.bureau(), gateway },
  };
}

const JOBS = `
  SELECT kind, state, count(*)::int AS jobs, sum(dispatch_number)::int AS dispatches
  FROM job WHERE tenant_id = $1 GROUP BY kind, state ORDER BY kind, state`;

const RETRIES = `
  SELECT j.kind, a.word, a.code, count(*)::int AS attempts
  FROM job_attempt a JOIN job j ON j.tenant_id = a.tenant_id AND j.id = a.job_id
  WHERE a.tenant_id = $1 GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3`;

const BALANCES = `
  SELECT d.business_date::text AS date, principal::text, income::text, suspense::text
  FROM (
    SELECT j.business_date,
           sum(sum(signed) FILTER (WHERE a.code LIKE 'loan/%/principal')) OVER day AS principal,
           sum(-sum(signed) FILTER (WHERE a.code IN ('interest-income', 'penal-income', 'fee-income'))) OVER day AS income,
           sum(-sum(signed) FILTER (WHERE a.code LIKE '%-suspense')) OVER day AS suspense
    FROM journal j
    JOIN entry e ON e.tenant_id = j.tenant_id AND e.journal_id = j.id
    JOIN account a ON a.tenant_id = e.tenant_id AND a.id = e.account_id
    CROSS JOIN LATERAL (SELECT CASE e.direction WHEN 'debit' THEN e.amount ELSE -e.amount END AS signed) AS s
    WHERE j.tenant_id = $1
    GROUP BY j.business_date
    WINDOW day AS (ORDER BY j.business_date)) AS d
  ORDER BY d.business_date`;

const PAST_DUE = `
  SELECT bucket, count(*)::int AS loans FROM (
    SELECT CASE WHEN l.oldest_due_on IS NULL OR days <= 0 THEN 'none' WHEN days <= 30 THEN '1–30'
                WHEN days <= 60 THEN '31–60' WHEN days <= 90 THEN '61–90' ELSE 'over 90' END AS bucket, days
    FROM loan l CROSS JOIN LATERAL (
      SELECT (SELECT max(business_date) FROM business_day WHERE tenant_id = l.tenant_id) - l.oldest_due_on AS days) AS d
    WHERE l.tenant_id = $1 AND l.state = 'active') AS loans
  GROUP BY bucket ORDER BY min(coalesce(days, -1))`;

const CLASSES = `
  SELECT d.business_date::text AS date, c->>'asset_class' AS asset_class, (c->>'loans')::int AS loans
  FROM business_day d CROSS JOIN LATERAL json_array_elements(d.report->'asset_classes') AS c
  WHERE d.tenant_id = $1 ORDER BY 1, 2`;

const LOANS = `SELECT state, count(*)::int AS loans FROM loan WHERE tenant_id = $1 GROUP BY state ORDER BY state`;

const PAYOUTS = `
  SELECT state, count(*)::int AS attempts FROM payout WHERE tenant_id = $1 GROUP BY state ORDER BY state`;

const COUNTS = `
  SELECT (SELECT count(*) FROM journal WHERE tenant_id = $1)::int AS journals,
         (SELECT count(*) FROM entry WHERE tenant_id = $1)::int AS entries`;
