import { z } from 'zod';
import { lapseExpired } from '../src/approvals/approvals.ts';
import { dayState, openWork, shutDay } from '../src/loans/day/shut.ts';
import { defineAtomic } from '../src/runtime/definition.ts';
import { reach } from '../src/runtime/faults.ts';
import { Snooze } from '../src/runtime/outcomes.ts';

const WAIT_MS = 500;

export default defineAtomic({
  kind: 'day.finish',
  queue: 'end-of-day',
  summary: 'Lets lapse what expires with a business day, checks the books, and shuts the day.',
  payload: z.strictObject({ business_date: z.iso.date() }),
  result: z.strictObject({ outcome: z.enum(['shut', 'shut-before']) }),
  key: ({ business_date }) => business_date,
  group_max: 1,
  timeout_ms: 600_000,
  public: false,

  async run(tx, [job], { accept, clock }) {
    const { business_date } = job!.payload;
    if ((await dayState(tx, business_date)) !== 'checking') return [{ outcome: 'shut-before' as const }];
    const open = await openWork(tx, job!.id);
    if (open.jobs > 0) {
      const named = open.named.join(', ');
      return [new Snooze('work-open', `${open.jobs} jobs of the day are not at rest: ${named}.`, WAIT_MS)];
    }
    await lapseExpired(tx, { tenant: job!.tenant, now: clock.now() });
    await reach('day.before-shut');
    await shutDay(tx, business_date);
    await accept([{ kind: 'day.report', payload: { business_date } }]);
    return [{ outcome: 'shut' as const }];
  },
});
