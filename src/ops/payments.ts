import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool, Transaction } from '../db/pools.ts';
import { UNSETTLED } from '../payments/states.ts';

/** How payments stand over all tenants; every function takes a pool that acts as kist_carrier. */

const SHOWN_MAX = 200;

const IS_UNSETTLED = sql.fragment`state = ANY (${sql.array([...UNSETTLED], 'text')})`;
/** Since nobody can say what became of it, or since it was begun. */
const SINCE = sql.fragment`CASE WHEN state IN ('unknown', 'suspense') THEN coalesce(unknown_since, created_at) ELSE created_at END`;

const standingRow = z.object({
  state: z.string(),
  currency: z.string(),
  payouts: z.number(),
  amount: z.string(),
  oldest_seconds: z.number(),
});
export type PayoutStanding = z.output<typeof standingRow>;

/** Payouts on their way, by state and currency. */
export function payoutStandings(pool: Pool | Transaction): Promise<readonly PayoutStanding[]> {
  return pool.any(sql.type(standingRow)`
    SELECT state, currency, count(*)::int4 AS payouts, sum(amount)::numeric(30, 2) AS amount,
           greatest(0, extract(epoch FROM now() - min(${SINCE})))::float8 AS oldest_seconds
    FROM payout WHERE ${IS_UNSETTLED}
    GROUP BY state, currency
    ORDER BY state, currency`);
}

const exceptionStandingRow = z.object({
  kind: z.string(),
  code: z.string(),
  exceptions: z.number(),
  oldest_seconds: z.number(),
});
export type ExceptionStanding = z.output<typeof exceptionStandingRow>;

/** What people must decide, by what it is. */
export function exceptionStandings(pool: Pool): Promise<readonly ExceptionStanding[]> {
  return pool.any(sql.type(exceptionStandingRow)`
    SELECT kind, code, count(*)::int4 AS exceptions,
           greatest(0, extract(epoch FROM now() - min(raised_at)))::float8 AS oldest_seconds
    FROM payment_exception WHERE resolved_at IS NULL
    GROUP BY kind, code`);
}

const unclearRow = z.object({
  tenant: z.string(),
  id: z.string(),
  state: z.enum(['unknown', 'suspense']),
  purpose: z.string(),
  gateway: z.string(),
  amount: z.string(),
  currency: z.string(),
  reason: z.string().nullable(),
  seconds: z.number(),
});
export type UnclearPayout = z.output<typeof unclearRow>;

/** Payouts of which nobody can tell whether they were made, the longest first. */
export function unclearPayouts(pool: Pool): Promise<readonly UnclearPayout[]> {
  return pool.any(sql.type(unclearRow)`
    SELECT tenant_id AS tenant, id, state, purpose, gateway, amount::numeric(30, 2) AS amount, currency, reason,
           greatest(0, extract(epoch FROM now() - ${SINCE}))::float8 AS seconds
    FROM payout WHERE state IN ('unknown', 'suspense')
    ORDER BY ${SINCE}, id
    LIMIT ${SHOWN_MAX}`);
}

const openExceptionRow = z.object({
  tenant: z.string(),
  id: z.string(),
  kind: z.string(),
  subject: z.string(),
  code: z.string(),
  message: z.string(),
  owner: z.string().nullable(),
  seconds: z.number(),
});
export type OpenException = z.output<typeof openExceptionRow>;

/** What people must decide, the oldest first. */
export function openExceptions(pool: Pool): Promise<readonly OpenException[]> {
  return pool.any(sql.type(openExceptionRow)`
    SELECT tenant_id AS tenant, id, kind, subject, code, message, owner,
           greatest(0, extract(epoch FROM now() - raised_at))::float8 AS seconds
    FROM payment_exception WHERE resolved_at IS NULL
    ORDER BY raised_at, id
    LIMIT ${SHOWN_MAX}`);
}
