import { z } from 'zod';
import { beginDay, CHUNK_LOANS, loansSetAside } from '../src/loans/day/begin.ts';
import { CLOSES_AT } from '../src/loans/day/views.ts';
import { deskAt } from '../src/loans/servicing/book.ts';
import { plannedThrough } from '../src/loans/servicing/tranche-rows.ts';
import { defineAtomic, defineSchedule } from '../src/runtime/definition.ts';
import { Refuse, Snooze } from '../src/runtime/outcomes.ts';

const WAIT_MS = 250;
/** A day that takes longer waits for something, perhaps for a person. */
const SLOW_DAY_MS = 600_000;
const WAIT_SLOW_MS = 5_000;
const ACCEPTED_AT_ONCE = 500;
/** More loans than this set aside is no longer about single loans; the rest is tried with the next day. */
const SET_ASIDE_TRIED_MAX = 1_000;

export default defineAtomic({
  kind: 'day.close',
  queue: 'end-of-day',
  summary: 'Begins to close a business day: cuts the loans that have work into chunks, lets holds expire.',
  payload: z.strictObject({
    business_date: z.iso.date(),
    chunk_loans: z.int().min(1).max(CHUNK_LOANS).default(CHUNK_LOANS),
  }),
  result: z.strictObject({
    outcome: z.enum(['begun', 'begun-before']),
    business_date: z.iso.date(),
    loans: z.int(),
    chunks: z.int(),
  }),
  key: ({ business_date }) => business_date,
  ordering_key: () => 'day.close',
  group_max: 1,
  timeout_ms: 120_000,
  public: false,

  async run(tx, [job], { clock, accept }) {
    const { business_date, chunk_loans } = job!.payload;
    const desk = await deskAt(tx, job!.tenant, clock.now());
    const begun = await beginDay(tx, desk, business_date, chunk_loans);
    switch (begun.outcome) {
      case 'earlier-day-open':
        return [
          new Snooze(
            'earlier-day-open',
            `${begun.earlier} is not closed yet.`,
            waitFor(begun.begun_at, clock.now()),
          ),
        ];
      case 'not-next':
        return [new Refuse('not-next-day', `${begun.next} is the next day to close, not ${business_date}.`)];
      case 'not-yet':
        return [new Refuse('day-not-over', `${business_date} is still to come; today is ${begun.today}.`)];
      case 'begun-before':
        return [begun];
    }
    const chunks = Array.from({ length: begun.chunks }, (_, index) => ({
      ...{ kind: 'day.carry', payload: { business_date, chunk: index + 1 } },
    }));
    const again = (await loansSetAside(tx, SET_ASIDE_TRIED_MAX)).map((loan) => ({
      ...{ kind: 'loan.carry', payload: { loan, business_date } },
    }));
    const next = chunks.length > 0 ? chunks : [{ kind: 'day.finish', payload: { business_date } }];
    // Before day.finish, which waits for work on money that was accepted before it.
    const expiry = { kind: 'wallet.expire-holds', payload: { business_date } };
    const tranches = (await plannedThrough(tx, business_date)).map((payload) => ({
      ...{ kind: 'loan.disburse', payload },
    }));
    const jobs = [expiry, ...tranches, ...next, ...again];
    for (let start = 0; start < jobs.length; start += ACCEPTED_AT_ONCE) {
      await accept(jobs.slice(start, start + ACCEPTED_AT_ONCE));
    }
    return [begun];
  },
});

function waitFor(begun_at: Date, now: Date): number {
  return now.getTime() - begun_at.getTime() > SLOW_DAY_MS ? WAIT_SLOW_MS : WAIT_MS;
}

export const schedule = defineSchedule({
  name: 'close-of-day',
  summary: 'Each business day is closed late in the evening, missed ones in order.',
  kind: 'day.close',
  at: CLOSES_AT,
  payload: ({ business_date }) => ({ business_date }),
});
