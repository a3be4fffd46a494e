import { sql } from 'slonik';
import { z } from 'zod';
import type { IsoDate } from '../calendar/business-date.ts';
import { dayNumber } from '../calendar/day-number.ts';
import type { Transaction } from '../db/pools.ts';
import { businessDateAt } from '../ledger/business-day.ts';
import { PaymentError } from './errors.ts';
import type { MovingKind } from './moves.ts';
import type { Occasion } from './occasion.ts';
import { ownerOf } from './owner.ts';

/** What no machine may decide. */
export interface ExceptionDraft {
  kind: MovingKind | 'callback' | 'gateway';
  subject: string;
  code: string;
  message: string;
}

/** Puts something before people; the same of the same subject once, for as long as it is open. */
export async function raiseException(
  tx: Transaction,
  { tenant, clock, evidence, detail }: Pick<Occasion, 'tenant' | 'clock' | 'evidence' | 'detail'>,
  { kind, subject, code, message }: ExceptionDraft,
): Promise<void> {
  const now = clock.now();
  const business_date = await businessDateAt(tx, tenant, now);
  await tx.query(sql.unsafe`
    INSERT INTO payment_exception (tenant_id, kind, subject, code, message, detail, raised_at, business_date)
    SELECT current_tenant(), ${kind}, ${subject}::uuid, ${code}, ${message},
           ${JSON.stringify({ evidence, ...detail })}::jsonb, ${now.toISOString()}, ${business_date}
    WHERE NOT EXISTS (
      SELECT FROM payment_exception
      WHERE tenant_id = current_tenant() AND subject = ${subject} AND code = ${code} AND resolved_at IS NULL)`);
}

const exceptionRow = z.object({
  id: z.string(),
  kind: z.string(),
  subject: z.string(),
  code: z.string(),
  message: z.string(),
  raised_at: z.date(),
  business_date: z.string(),
  owner: z.string().nullable(),
  resolved_at: z.date().nullable(),
  resolved_by: z.string().nullable(),
  resolution: z.string().nullable(),
});
/** Something that people must look at; `owner` is who said that they do. */
export type PaymentException = z.output<typeof exceptionRow>;

const COLUMNS = sql.fragment`
  id, kind, subject, code, message, raised_at, business_date, owner, resolved_at, resolved_by, resolution`;

export const EXCEPTION_STATES = ['open', 'resolved'] as const;

export interface ExceptionFilter {
  state?: (typeof EXCEPTION_STATES)[number] | undefined;
  subject?: string | undefined;
  /** Id after which the page starts. */
  after?: string | undefined;
  limit: number;
}

/** What was put before people, the oldest first: it has waited longest. */
export function listExceptions(
  tx: Transaction,
  filter: ExceptionFilter,
): Promise<readonly PaymentException[]> {
  const { state, subject = null, after = null, limit } = filter;
  const standing = {
    open: sql.fragment`resolved_at IS NULL`,
    resolved: sql.fragment`resolved_at IS NOT NULL`,
  };
  return tx.any(sql.type(exceptionRow)`
    SELECT ${COLUMNS} FROM payment_exception
    WHERE tenant_id = current_tenant() AND ${state ? standing[state] : sql.fragment`true`}
      AND (${subject}::uuid IS NULL OR subject = ${subject}) AND (${after}::uuid IS NULL OR id > ${after})
    ORDER BY id
    LIMIT ${limit}`);
}

/** How many days an open one has waited, by business dates; null once it is resolved. */
export function ageDays(
  { business_date, resolved_at }: Pick<PaymentException, 'business_date' | 'resolved_at'>,
  today: IsoDate,
): number | null {
  return resolved_at === null ? Math.max(0, dayNumber(today) - dayNumber(business_date)) : null;
}

/** Null where there is none. */
export function exceptionOf(tx: Transaction, id: string): Promise<PaymentException | null> {
  return tx.maybeOne(sql.type(exceptionRow)`
    SELECT ${COLUMNS} FROM payment_exception WHERE tenant_id = current_tenant() AND id = ${id}`);
}

/**
 * Says who looks after it; null: nobody does.
 * @throws PaymentError unknown-owner, not-found, illegal-transition (it is resolved)
 */
export async function assignException(
  tx: Transaction,
  id: string,
  owner: string | null,
): Promise<PaymentException> {
  const assigned = await tx.maybeOne(sql.type(exceptionRow)`
    UPDATE payment_exception SET owner = ${await ownerOf(tx, owner)}
    WHERE tenant_id = current_tenant() AND id = ${id} AND resolved_at IS NULL
    RETURNING ${COLUMNS}`);
  if (assigned) return assigned;
  const found = await exceptionOf(tx, id);
  if (!found) throw new PaymentError('not-found', `There is no exception ${id}.`);
  throw new PaymentError('illegal-transition', `Exception ${id} was resolved by ${found.resolved_by}.`);
}

export interface Resolution {
  by: string;
  at: Date;
  why: string;
}

/** Closes one. @returns whether it was open until now */
export async function resolveException(
  tx: Transaction,
  id: string,
  { by, at, why }: Resolution,
): Promise<boolean> {
  const { rowCount } = await tx.query(sql.unsafe`
    UPDATE payment_exception SET resolved_at = ${at.toISOString()}, resolved_by = ${by}, resolution = ${why}
    WHERE tenant_id = current_tenant() AND id = ${id} AND resolved_at IS NULL`);
  return rowCount > 0;
}

/** Closes what has settled itself: the open ones of the subjects, of these codes. */
export async function resolveExceptions(
  tx: Transaction,
  { subjects, codes }: { subjects: readonly string[]; codes: readonly string[] },
  { by, at, why }: Resolution,
): Promise<void> {
  await tx.query(sql.prepared('resolve_payment_exceptions', z.object({}))`
    UPDATE payment_exception
    SET resolved_at = ${at.toISOString()}::timestamptz, resolved_by = ${by}, resolution = ${why}
    WHERE tenant_id = current_tenant() AND subject = ANY (${sql.array([...subjects], 'uuid')})
      AND code = ANY (${sql.array([...codes], 'text')}) AND resolved_at IS NULL`);
}
