import { z } from 'zod';
import { defineAtomic } from '../src/runtime/definition.ts';
import { releaseExpiredHolds } from '../src/wallets/hold-ends.ts';
import { postingTime } from '../src/wallets/holds.ts';

/** Holds in one transaction; more go on in a follow-up job. */
const HOLDS_MAX = 500;

export default defineAtomic({
  kind: 'wallet.expire-holds',
  queue: 'end-of-day',
  summary: 'Gives back money that was held until a time that has passed; accepted by the close of day.',
  payload: z.strictObject({ business_date: z.iso.date(), part: z.int().min(1).default(1) }),
  result: z.strictObject({ outcome: z.literal('expired'), holds: z.int() }),
  key: ({ business_date, part }) => `${business_date}/${part}`,
  group_max: 1,
  public: false,
  moves_money: true,

  async run(tx, [job], { clock, accept }) {
    const { tenant, kind, payload } = job!;
    const time = await postingTime(tx, tenant, clock);
    const { released, more } = await releaseExpiredHolds(tx, tenant, {
      ...{ ...time, expired_by: time.posted_at, holds_max: HOLDS_MAX },
    });
    if (more) await accept([{ kind, payload: { ...payload, part: payload.part + 1 } }]);
    return [{ outcome: 'expired' as const, holds: released }];
  },
});
