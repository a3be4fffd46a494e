import { v7 as uuidv7 } from 'uuid';
import { addDays } from '../src/calendar/business-date.ts';
import { SteppedClock } from '../src/calendar/clock.ts';
import type { Pool } from '../src/db/pools.ts';
import { inTenant } from '../src/db/transaction.ts';
import { disburseLoans } from '../src/loans/disbursal.ts';
import { openLoans } from '../src/loans/opening.ts';
import { currentProduct } from '../src/loans/products.ts';
import { TENANT } from './portfolio.ts';

const BATCH = 500;
/** As many as there are cores to spare for Postgres and for us. */
const AT_ONCE = 2;

/** The first day that is closed, and the one before it. */
export const DAY_BEFORE = '2026-06-17';
export const FIRST_DAY = '2026-06-18';
/** Paid out on one of these days, a loan falls due for the first time on the first day or in the month after it. */
const HEALTHY = { from: '2026-05-18', days: 31 };
/** And on one of these, it was due one to four weeks ago, and was not paid. */
const OVERDUE = { from: '2026-04-20', days: 20 };
const OVERDUE_ONE_IN = 10;

/** Active loans of twelve instalments, due on all days of a month, one in ten of them overdue. */
export async function disbursePortfolio(pool: Pool, count: number, product: string): Promise<void> {
  const days = new Map<string, number>();
  for (let index = 0; index < count; index += 1) {
    const { from, days: spread } = index % OVERDUE_ONE_IN === 0 ? OVERDUE : HEALTHY;
    const day = addDays(from, Math.floor(index / OVERDUE_ONE_IN) % spread);
    days.set(day, (days.get(day) ?? 0) + 1);
  }
  const batches = [...days].flatMap(([day, loans]) =>
    Array.from({ length: Math.ceil(loans / BATCH) }, (_, index) => ({
      day,
      size: Math.min(BATCH, loans - index * BATCH),
    })),
  );
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let batch = batches.pop(); batch; batch = batches.pop()) {
        await disburseOn(pool, batch.day, { count: batch.size, product, months: 12 });
      }
    }),
  );
}

/** Pays loans out as if it were that day. @returns their ids */
export function disburseOn(
  pool: Pool,
  day: string,
  { count, product: code, months }: { count: number; product: string; months: number },
): Promise<string[]> {
  const clock = new SteppedClock(noon(day));
  return inTenant(pool, TENANT, async (tx) => {
    const product = await currentProduct(tx, code);
    const openings = Array.from({ length: count }, (_, index) => ({
      ...{ application: null, wallet: uuidv7(), owner: 'bench', product, tenure_months: months },
      principal: `${10_000 + ((index * 137) % 90_000)}.00`,
    }));
    const loans = await openLoans(tx, openings, clock.now());
    await disburseLoans(tx, TENANT, clock, loans);
    return loans;
  });
}

export function noon(day: string): Date {
  return new Date(`${day}T06:30:00Z`);
}
