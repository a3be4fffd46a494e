import { z } from 'zod';
import { lapseApprovals } from '../src/identity/approval-rows.ts';
import { businessDayAt } from '../src/ledger/business-day.ts';
import { noteChecked, tellBroken } from '../src/loans/day/checked.ts';
import { dayState, openWork, shutDay } from '../src/loans/day/shut.ts';
import { checkInvariants } from '../src/loans/invariants/check.ts';
import { lapseQuotes } from '../src/loans/operations/foreclosure-quotes.ts';
import { defineAtomic } from '../src/runtime/definition.ts';
import { reach } from '../src/runtime/faults.ts';
import { Hold, Snooze } from '../src/runtime/outcomes.ts';

/** Most of what is still open is done in a moment; what is not may take long. */
const WAIT_MS = 100;
const WAIT_SLOW_MS = 2_000;
const SOON_MS = 10_000;

export default defineAtomic({
  kind: 'day.finish',
  queue: 'end-of-day',
  summary: 'Lets lapse what expires with a business day, checks the books, and shuts the day.',
  payload: z.strictObject({ business_date: z.iso.date() }),
  result: z.strictObject({ outcome: z.enum(['shut', 'shut-before']), invariants: z.int() }),
  key: ({ business_date }) => business_date,
  group_max: 1,
  timeout_ms: 600_000,
  public: false,

  async run(tx, [job], { clock, accept }) {
    const { tenant, payload } = job!;
    const { business_date } = payload;
    if ((await dayState(tx, business_date)) !== 'checking') {
      return [{ outcome: 'shut-before' as const, invariants: 0 }];
    }
    const open = await openWork(tx, job!.id);
    if (open.jobs > 0) {
      const named = open.named.join(', ');
      return [
        new Snooze('work-open', `${open.jobs} jobs of the day are not at rest: ${named}.`, waitFor(job!)),
      ];
    }
    const now = clock.now();
    await lapseApprovals(tx, now);
    await lapseQuotes(tx, business_date);
    const { shut_through } = await businessDayAt(tx, tenant, now);
    const checked = await checkInvariants(tx, { after: shut_through, through: business_date });
    const is_news = await noteChecked(tx, business_date, checked);
    const broken = checked.find(({ holds }) => !holds);
    if (broken) {
      if (is_news) await tellBroken(tx, { tenant, business_date, at: now }, checked);
      return [new Hold('invariant-broken', `${broken.name}: ${broken.detail}.`)];
    }
    await reach('day.before-shut');
    await shutDay(tx, business_date);
    await accept([{ kind: 'day.report', payload: { business_date } }]);
    return [{ outcome: 'shut' as const, invariants: checked.length }];
  },
});

/** By the clock of retries, not of business. */
function waitFor({ accepted_at }: { accepted_at: Date }): number {
  return Date.now() - accepted_at.getTime() > SOON_MS ? WAIT_SLOW_MS : WAIT_MS;
}
