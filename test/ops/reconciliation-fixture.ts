import type { TestDatabase } from '../support/database.ts';

interface PlantedBreak {
  tenant: string;
  kind: string;
  subject: string;
  gateway?: string | null;
  result: string;
  here?: string | null;
  there?: string | null;
  /** Its first day. */
  on: string;
  owner?: string;
  state?: 'open' | 'resolved';
}

/** A break as if the reconciliation had found it. */
export async function plantBreak(database: TestDatabase, planted: PlantedBreak): Promise<void> {
  const { tenant, kind, subject, result, on, state = 'open' } = planted;
  const { gateway = 'razorpay', here = null, there = null, owner = null } = planted;
  await database.superuser(
    `INSERT INTO reconciliation_break (tenant_id, subject_kind, subject, gateway, leg, result, currency, here, there,
       happened_on, first_seen_on, last_seen_on, owner, state, resolution, resolved_at)
     SELECT $1, $2, $3, $4::text, CASE WHEN $4::text IS NULL THEN 'bank' ELSE 'gateway' END, $5, 'INR', $6::numeric, $7::numeric, $8::date, $8::date, $8::date, $9::text, $10::text,
            CASE WHEN $10::text = 'resolved' THEN 'gone' END, CASE WHEN $10::text = 'resolved' THEN now() END`,
    [tenant, kind, subject, gateway, result, here, there, on, owner, state],
  );
}

interface PlantedComparison {
  tenant: string;
  at: string;
  run_by: string;
  results: { subject: string; result: string; number: number }[];
  open: number;
}

/** A comparison as if it had been made. */
export async function plantComparison(database: TestDatabase, planted: PlantedComparison): Promise<void> {
  const { tenant, at, run_by, results, open } = planted;
  const tallies = results.map((each) => ({ ...each, currency: 'INR', here: '0.00', there: '0.00' }));
  await database.superuser(
    `INSERT INTO reconciliation (tenant_id, business_date, loads, results, breaks_opened, breaks_closed, breaks_open,
       settlements_posted, run_by, run_at)
     VALUES ($1, $2::timestamptz::date, '{}', $3, 1, 0, $4, 2, $5, $2)`,
    [tenant, at, JSON.stringify(tallies), open, run_by],
  );
}
