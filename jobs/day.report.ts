import { z } from 'zod';
import { noteControlTotals } from '../src/ledger/control-totals.ts';
import { cutSeal } from '../src/ledger/seal.ts';
import { tellClosed } from '../src/loans/day/checked.ts';
import { closeDay, reportOf } from '../src/loans/day/report.ts';
import { dayState } from '../src/loans/day/shut.ts';
import { defineAtomic } from '../src/runtime/definition.ts';
import { reach } from '../src/runtime/faults.ts';

/** A day's journals may fill several seals; more than this mean that something is wrong. */
const SEALS_MAX = 1_000;

export default defineAtomic({
  kind: 'day.report',
  queue: 'end-of-day',
  summary: 'Seals the journals of a business day that was shut, and closes it with a signed report.',
  payload: z.strictObject({ business_date: z.iso.date() }),
  result: z.strictObject({ outcome: z.enum(['closed', 'closed-before']), seals: z.int() }),
  key: ({ business_date }) => business_date,
  group_max: 1,
  timeout_ms: 600_000,
  public: false,

  async run(tx, [job], { clock, services }) {
    const { tenant, payload } = job!;
    const { business_date } = payload;
    if ((await dayState(tx, business_date)) !== 'shut')
      return [{ outcome: 'closed-before' as const, seals: 0 }];
    const closed_at = clock.now();
    let seals = 0;
    for (let more = true; more && seals < SEALS_MAX; ) {
      const seal = await cutSeal(tx, services.sealer, { tenant, business_date, cut_at: closed_at });
      if (seal) seals += 1;
      more = seal?.more ?? false;
    }
    await reach('day.before-report');
    await noteControlTotals(tx, { through: business_date });
    const report = await reportOf(tx, { tenant, business_date, closed_at });
    await closeDay(tx, services.sealer, report);
    const { carried, seal } = report;
    await tellClosed(tx, { tenant, business_date, at: closed_at }, { carried, seal });
    return [{ outcome: 'closed' as const, seals }];
  },
});
