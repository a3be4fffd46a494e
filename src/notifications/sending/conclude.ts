import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { firstAskAt } from '../receipts/asks.ts';
import { noteSent } from './rows.ts';
import type { SentBy } from './sending.ts';

export const sentResult = z.strictObject({
  outcome: z.literal('sent'),
  provider: z.string().nullable(),
  provider_id: z.string().nullable().meta({ description: 'null: taken, and the answer was lost' }),
});

/** Writes down who took it. */
export async function concludeSending(
  tx: Transaction,
  id: string,
  sent: SentBy,
  at: Date,
): Promise<z.input<typeof sentResult>> {
  if (!('standing' in sent)) {
    await noteSent(tx, id, { ...sent, at, ask_at: sent.can_be_asked ? firstAskAt(at) : null });
  }
  const { provider, provider_id } = sent;
  return { outcome: 'sent', provider, provider_id };
}
