import { z } from 'zod';
import { carryChunk, closeChunk, openChunk } from '../src/loans/day/chunk.ts';
import { deskAt } from '../src/loans/servicing/book.ts';
import { defineAtomic } from '../src/runtime/definition.ts';
import { reach } from '../src/runtime/faults.ts';

export default defineAtomic({
  kind: 'day.carry',
  queue: 'end-of-day',
  summary: 'Carries one chunk of the loans through a business day: interest, penal charges, asset classes.',
  payload: z.strictObject({ business_date: z.iso.date(), chunk: z.int().min(1) }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({
      outcome: z.literal('carried'),
      done: z.int(),
      refused: z.int(),
      journals: z.int(),
      interest: z.string(),
      penal: z.string(),
      tax: z.string(),
      reminders: z.int(),
    }),
    z.strictObject({ outcome: z.literal('done-before') }),
  ]),
  key: ({ business_date, chunk }) => `${business_date}/${chunk}`,
  group_max: 1,
  timeout_ms: 300_000,
  public: false,
  moves_money: true,

  async run(tx, [job], context) {
    const { business_date, chunk: number } = job!.payload;
    const range = await openChunk(tx, business_date, number);
    if (!range) return [{ outcome: 'done-before' as const }];
    const desk = await deskAt(tx, job!.tenant, context.clock.now());
    const { tally, set_aside } = await carryChunk(tx, desk, context, range);
    await reach('day.carried');
    await context.accept(
      set_aside.map(({ loan }) => ({ kind: 'loan.carry', payload: { loan, business_date } })),
    );
    if (await closeChunk(tx, desk, { business_date, number }, tally)) {
      await context.accept([{ kind: 'day.finish', payload: { business_date } }]);
    }
    await reach('day.chunk-done');
    return [{ outcome: 'carried' as const, ...tally }];
  },
});
