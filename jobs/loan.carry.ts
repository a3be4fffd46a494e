import { z } from 'zod';
import { carrySetAside } from '../src/loans/day/carry-again.ts';
import { deskAt } from '../src/loans/servicing/book.ts';
import { defineAtomic } from '../src/runtime/definition.ts';

export default defineAtomic({
  kind: 'loan.carry',
  queue: 'end-of-day',
  summary: 'Tries a loan again that the close of a day had to set aside.',
  payload: z.strictObject({ loan: z.uuid(), business_date: z.iso.date() }),
  result: z.strictObject({ outcome: z.literal('carried'), through: z.iso.date().nullable() }),
  key: ({ loan, business_date }) => `${loan}/${business_date}`,
  ordering_key: ({ loan }) => `loan/${loan}`,
  when_head_rests: 'pass',
  retry: { attempts: 5, backoff_ms: 1_000, backoff_ms_max: 60_000 },
  group_max: 1,
  public: false,
  moves_money: true,

  async run(tx, [job], context) {
    const desk = await deskAt(tx, job!.tenant, context.clock.now());
    return [{ outcome: 'carried' as const, ...(await carrySetAside(tx, desk, context, job!.payload.loan)) }];
  },
});
