import { z } from 'zod';
import { PAYOUT_STATES, UNSETTLED } from '../states.ts';
import type { Payout } from './rows.ts';

/** How a payout stood when its job ended; events and polls may move it on. */
export const payoutResultSchema = z.strictObject({
  outcome: z.enum(['paid', 'under-way', 'not-paid']),
  payout: z.uuid(),
  state: z.enum(PAYOUT_STATES),
  reason: z.string().nullable(),
});
export type PayoutResult = z.output<typeof payoutResultSchema>;

export function payoutResult({ id, state, reason }: Payout): PayoutResult {
  const outcome = UNSETTLED.includes(state) ? 'under-way' : state === 'succeeded' ? 'paid' : 'not-paid';
  return { outcome, payout: id, state, reason: outcome === 'not-paid' ? reason : null };
}
