import { z } from 'zod';
import { letFallDue } from '../src/loans/falling-due.ts';
import { defineAtomic, defineSchedule } from '../src/runtime/definition.ts';

/** Loans in one transaction; a longer day goes on in a follow-up job. */
const LOANS_MAX = 500;

export default defineAtomic({
  kind: 'loan.fall-due',
  queue: 'end-of-day',
  summary: 'Makes the interest of the instalments due up to a business date receivable.',
  payload: z.strictObject({ business_date: z.iso.date(), chunk: z.int().min(1).default(1) }),
  result: z.strictObject({
    outcome: z.literal('fell-due'),
    loans: z.int(),
    instalments: z.int(),
    interest: z.string(),
  }),
  key: ({ business_date, chunk }) => `${business_date}/${chunk}`,
  ordering_key: () => 'loan.fall-due',
  group_max: 1,
  public: false,
  moves_money: true,

  async run(tx, [job], { clock, accept }) {
    const { business_date, chunk } = job!.payload;
    const { more, ...fell_due } = await letFallDue(tx, job!.tenant, {
      ...{ business_date, posted_at: clock.now(), loans_max: LOANS_MAX },
    });
    if (more) await accept([{ kind: 'loan.fall-due', payload: { business_date, chunk: chunk + 1 } }]);
    return [{ outcome: 'fell-due' as const, ...fell_due }];
  },
});

export const schedule = defineSchedule({
  name: 'loan.fall-due',
  summary: 'Instalments of the business date fall due.',
  kind: 'loan.fall-due',
  at: '06:00',
  payload: ({ business_date }) => ({ business_date }),
});
