import { sql } from 'slonik';
import { z } from 'zod';
import { dayNumber } from '../../calendar/day-number.ts';
import type { Transaction } from '../../db/pools.ts';
import { sqlState } from '../../db/transaction.ts';
import type { TransactionContext } from '../../runtime/definition.ts';
import { minorText } from '../schedule.ts';
import { book, carryAll, type Desk, type Entry } from '../servicing/book.ts';
import { followUp } from '../servicing/consequences.ts';
import { type LoanRange, lockForDay, lockRange, type ServicedLoan } from '../servicing/load.ts';
import { storeLoans } from '../servicing/store.ts';

const MESSAGE_LENGTH_MAX = 500;

/** What bookings of loans come to. Amounts as text. */
export interface Counts {
  journals: number;
  interest: string;
  penal: string;
  tax: string;
  reminders: number;
}

/** What carrying loans through a day came to. */
export interface Tally extends Counts {
  done: number;
  refused: number;
}

/** A loan that could not be carried, and why. */
export interface SetAside {
  loan: string;
  code: string;
  message: string;
}

type Working = Pick<TransactionContext, 'accept' | 'log'>;

/** Carries loans through a day and books it. All of them, or it throws and none. */
async function carryThrough(
  tx: Transaction,
  desk: Desk,
  loans: ReadonlyMap<string, ServicedLoan>,
  through: string,
): Promise<Entry[]> {
  const entries = carryAll(loans.values(), dayNumber(through), desk);
  await book(tx, desk, entries);
  await storeLoans(tx, [...loans.values()], through);
  return entries;
}

/**
 * Carries the loans of a chunk. Where that fails as a whole, each loan is carried by itself; one that
 * cannot be is set aside with the reason and stops no other.
 */
export async function carryChunk(
  tx: Transaction,
  desk: Desk,
  context: Working,
  range: LoanRange,
): Promise<{ tally: Tally; set_aside: SetAside[] }> {
  const { entries, done, set_aside } =
    (await carryTogether(tx, desk, context, range)) ?? (await carryOneByOne(tx, desk, range));
  await setAside(tx, desk, range.through, set_aside);
  await followUp(tx, context.accept, desk, entries);
  return { tally: { ...tallyOf(entries), done, refused: set_aside.length }, set_aside };
}

interface Carried {
  entries: Entry[];
  done: number;
  set_aside: SetAside[];
}

/** Null where it failed, and nothing was done. */
async function carryTogether(
  tx: Transaction,
  desk: Desk,
  { log }: Working,
  range: LoanRange,
): Promise<Carried | null> {
  try {
    return await tx.transaction(async (savepoint) => {
      const loans = await lockRange(savepoint, range);
      const entries = await carryThrough(savepoint, desk, loans, range.through);
      return { entries, done: loans.size, set_aside: [] };
    });
  } catch (error) {
    if (isLost(error)) throw error;
    log.warn(
      { err: error, ...range },
      'a chunk could not be carried as a whole; its loans are carried one by one',
    );
    return null;
  }
}

async function carryOneByOne(tx: Transaction, desk: Desk, range: LoanRange): Promise<Carried> {
  const entries: Entry[] = [];
  const set_aside: SetAside[] = [];
  const ids = await idsIn(tx, range);
  for (const id of ids) {
    try {
      const own = await tx.transaction(async (savepoint) =>
        carryThrough(savepoint, desk, await lockForDay(savepoint, [id], range.through), range.through),
      );
      entries.push(...own);
    } catch (error) {
      if (isLost(error)) throw error;
      set_aside.push({ loan: id, ...reasonOf(error) });
    }
  }
  return { entries, done: ids.length - set_aside.length, set_aside };
}

/** Not the loan's fault: the whole transaction has to be run again. */
function isLost(error: unknown): boolean {
  const state = sqlState(error);
  return (
    state !== undefined && (state.startsWith('08') || ['40001', '40P01', '57P01', 'KI015'].includes(state))
  );
}

function reasonOf(error: unknown): { code: string; message: string } {
  const message = error instanceof Error ? deepest(error).message : String(error);
  return { code: sqlState(error) ?? 'cannot-be-carried', message: message.slice(0, MESSAGE_LENGTH_MAX) };
}

function deepest(error: Error): Error {
  return error.cause instanceof Error ? deepest(error.cause) : error;
}

function idsIn(tx: Transaction, { from_loan, to_loan, through }: LoanRange): Promise<readonly string[]> {
  return tx.anyFirst(sql.type(z.object({ id: z.string() }))`
    SELECT id FROM loan l
    WHERE tenant_id = current_tenant() AND id BETWEEN ${from_loan} AND ${to_loan}
      AND state = 'active' AND next_work_on <= ${through}
      AND NOT EXISTS (SELECT FROM loan_set_aside a WHERE a.tenant_id = l.tenant_id AND a.loan_id = l.id)
    ORDER BY id`);
}

async function setAside(
  tx: Transaction,
  { posted_at }: Desk,
  business_date: string,
  loans: readonly SetAside[],
): Promise<void> {
  if (loans.length === 0) return;
  await tx.query(sql.unsafe`
    INSERT INTO loan_set_aside (tenant_id, loan_id, business_date, code, message, since)
    SELECT current_tenant(), row.loan, ${business_date}, row.code, row.message, ${posted_at.toISOString()}
    FROM ${sql.unnest(
      loans.map(({ loan, code, message }) => [loan, code, message]),
      ['uuid', 'text', 'text'],
    )} AS row(loan, code, message)
    ON CONFLICT (tenant_id, loan_id) DO UPDATE SET code = excluded.code, message = excluded.message`);
}

/** Carries one loan that was set aside through the last day that was begun, and takes it back among the others. */
export async function carrySetAside(
  tx: Transaction,
  desk: Desk,
  context: Working,
  loan: string,
): Promise<{ through: string | null }> {
  const through = await tx.oneFirst(sql.type(z.object({ through: z.string().nullable() }))`
    SELECT max(business_date)::text AS through FROM business_day WHERE tenant_id = current_tenant()`);
  if (through === null) return { through };
  const entries = await carryThrough(tx, desk, await lockForDay(tx, [loan], through), through);
  await followUp(tx, context.accept, desk, entries);
  await tx.query(sql.unsafe`
    DELETE FROM loan_set_aside WHERE tenant_id = current_tenant() AND loan_id = ${loan}`);
  return { through };
}

/** What bookings come to. */
export function tallyOf(entries: readonly Entry[]): Counts {
  const accruals = entries.flatMap(({ booking }) => booking.accruals);
  const sum = (component: string, field: 'amount' | 'tax') =>
    minorText(
      accruals.reduce((total, each) => total + (each.component === component ? each[field] : 0n), 0n),
    );
  return {
    ...{ journals: entries.filter(({ booking }) => !booking.lines.isEmpty).length },
    ...{ interest: sum('interest', 'amount'), penal: sum('penal', 'amount'), tax: sum('penal', 'tax') },
    reminders: entries.reduce((total, { booking }) => total + booking.reminders.length, 0),
  };
}

const chunkRow = z.object({ from_loan: z.string(), to_loan: z.string(), done_at: z.date().nullable() });

/** The loans of a chunk; null where the chunk is done, or is none of the day's. */
export async function openChunk(
  tx: Transaction,
  business_date: string,
  number: number,
): Promise<LoanRange | null> {
  const chunk = await tx.maybeOne(sql.type(chunkRow)`
    SELECT from_loan, to_loan, done_at FROM day_chunk
    WHERE tenant_id = current_tenant() AND business_date = ${business_date} AND number = ${number}
    FOR UPDATE`);
  if (!chunk || chunk.done_at) return null;
  return { from_loan: chunk.from_loan, to_loan: chunk.to_loan, through: business_date };
}

/** Notes what a chunk came to. @returns whether it was the day's last. */
export async function closeChunk(
  tx: Transaction,
  { posted_at }: Desk,
  chunk: { business_date: string; number: number },
  tally: Tally,
): Promise<boolean> {
  const { business_date, number } = chunk;
  await tx.query(sql.unsafe`
    UPDATE day_chunk
    SET done = ${tally.done}, refused = ${tally.refused}, journals = ${tally.journals},
        interest = ${tally.interest}, penal = ${tally.penal}, tax = ${tally.tax},
        reminders = ${tally.reminders}, done_at = ${posted_at.toISOString()}
    WHERE tenant_id = current_tenant() AND business_date = ${business_date} AND number = ${number}`);
  // The chunks' only common row, and the last statement of each: they wait for each other for a commit.
  return tx.oneFirst(sql.type(z.object({ last: z.boolean() }))`
    UPDATE business_day
    SET chunks_done = chunks_done + 1,
        state = CASE WHEN chunks_done + 1 = chunks THEN 'checking' ELSE state END
    WHERE tenant_id = current_tenant() AND business_date = ${business_date}
    RETURNING chunks_done = chunks AS last`);
}
