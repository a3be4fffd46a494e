import { sql } from 'slonik';
import { z } from 'zod';
import { dayNumber } from '../../calendar/day-number.ts';
import type { Transaction } from '../../db/pools.ts';
import type { TransactionContext } from '../../runtime/definition.ts';
import { book, carryAll, type Desk, type Entry } from '../servicing/book.ts';
import { bringAbout, type Consequences, consequencesOf } from '../servicing/consequences.ts';
import { type LoanRange, lockForDay, lockRange, type ServicedLoan } from '../servicing/load.ts';
import { storeLoans } from '../servicing/store.ts';
import { isLost, reasonOf, type SetAside, setAside } from './set-aside.ts';
import { type Counts, Tally } from './tally.ts';

/** Loans held in memory at once: after many missed days each brings many journals. */
const LOANS_AT_ONCE = 500;

/** What carrying the loans of a chunk came to. */
export interface ChunkTally extends Counts {
  done: number;
  refused: number;
}

type Working = Pick<TransactionContext, 'accept' | 'log'>;

/**
 * Carries the loans of a chunk. Where that fails as a whole, each loan is carried by itself; one that
 * cannot be is set aside with the reason and stops no other.
 */
export async function carryChunk(
  tx: Transaction,
  desk: Desk,
  context: Working,
  range: LoanRange,
): Promise<{ tally: ChunkTally; set_aside: SetAside[] }> {
  const carried = (await carryTogether(tx, desk, context, range)) ?? (await carryOneByOne(tx, desk, range));
  const { done, tally, follows, set_aside } = carried;
  await setAside(tx, desk, range.through, set_aside);
  await bringAbout(tx, context.accept, follows);
  return { tally: { ...tally.counts, done, refused: set_aside.length }, set_aside };
}

interface Carried {
  done: number;
  tally: Tally;
  follows: Consequences[];
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
      return { ...(await carryLoans(savepoint, desk, loans, range.through)), set_aside: [] };
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
  const carried: Carried = { done: 0, tally: new Tally(), follows: [], set_aside: [] };
  for (const id of await idsIn(tx, range)) {
    try {
      const entries = await tx.transaction(async (savepoint) => {
        const loans = await lockForDay(savepoint, [id], range.through);
        return carryThrough(savepoint, desk, [...loans.values()], range.through);
      });
      carried.done += 1;
      carried.tally.add(entries);
      carried.follows.push(consequencesOf(desk, entries));
    } catch (error) {
      if (isLost(error)) throw error;
      carried.set_aside.push({ loan: id, ...reasonOf(error) });
    }
  }
  return carried;
}

/** All of them, or it throws and none. What follows is kept, not yet brought about. */
async function carryLoans(
  tx: Transaction,
  desk: Desk,
  loans: ReadonlyMap<string, ServicedLoan>,
  through: string,
): Promise<Omit<Carried, 'set_aside'>> {
  const waiting = [...loans.values()];
  const carried = { done: waiting.length, tally: new Tally(), follows: [] as Consequences[] };
  while (waiting.length > 0) {
    const entries = await carryThrough(tx, desk, waiting.splice(0, LOANS_AT_ONCE), through);
    carried.tally.add(entries);
    carried.follows.push(consequencesOf(desk, entries));
  }
  return carried;
}

/** Carries loans through a day, and books and stores it. All of them, or it throws and none. */
export async function carryThrough(
  tx: Transaction,
  desk: Desk,
  loans: readonly ServicedLoan[],
  through: string,
): Promise<Entry[]> {
  const entries = carryAll(loans, dayNumber(through), desk);
  await book(tx, desk, entries);
  await storeLoans(tx, loans, through);
  return entries;
}

function idsIn(tx: Transaction, { from_loan, to_loan, through }: LoanRange): Promise<readonly string[]> {
  return tx.anyFirst(sql.type(z.object({ id: z.string() }))`
    SELECT id FROM loan l
    WHERE tenant_id = current_tenant() AND id BETWEEN ${from_loan} AND ${to_loan}
      AND state = 'active' AND next_work_on <= ${through}
      AND NOT EXISTS (SELECT FROM loan_set_aside a WHERE a.tenant_id = l.tenant_id AND a.loan_id = l.id)
    ORDER BY id`);
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
  tally: ChunkTally,
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
