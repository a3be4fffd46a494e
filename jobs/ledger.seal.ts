import { z } from 'zod';
import { cutSeal } from '../src/ledger/seal.ts';
import type { Sealer } from '../src/ledger/sealer.ts';
import { defineAtomic, defineSchedule } from '../src/runtime/definition.ts';

declare module '../src/runtime/definition.ts' {
  interface Services {
    /** Holds the key that seals of the books are signed with. */
    sealer: Sealer;
  }
}

/** A day's journals may fill several seals; more parts than this mean that something is wrong. */
const PARTS_MAX = 10_000;

export default defineAtomic({
  kind: 'ledger.seal',
  queue: 'books',
  summary: 'Seals the journals posted since the last seal: Merkle root, chained and signed.',
  payload: z.strictObject({
    business_date: z.iso.date(),
    part: z.number().int().min(1).max(PARTS_MAX).default(1),
  }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({
      outcome: z.literal('sealed'),
      number: z.string(),
      leaves: z.number(),
      hash: z.string(),
    }),
    z.strictObject({ outcome: z.literal('nothing-to-seal') }),
  ]),
  key: ({ business_date, part }) => `${business_date}/${part}`,
  group_max: 1,
  timeout_ms: 120_000,
  public: false,

  async run(tx, [job], context) {
    const { tenant, kind, payload } = job!;
    const { business_date, part } = payload;
    const wish = { tenant, business_date, cut_at: context.clock.now() };
    const seal = await cutSeal(tx, context.services.sealer, wish);
    if (!seal) return [{ outcome: 'nothing-to-seal' as const }];
    if (seal.more) await context.accept([{ kind, payload: { business_date, part: part + 1 } }]);
    const { number, leaves, hash } = seal;
    return [{ outcome: 'sealed' as const, number: String(number), leaves, hash: hash.toString('hex') }];
  },
});

export const schedule = defineSchedule({
  name: 'seal-the-books',
  summary: 'Seals each business day’s journals late in the evening.',
  kind: 'ledger.seal',
  at: '23:30',
  payload: ({ business_date }) => ({ business_date, part: 1 }),
});
