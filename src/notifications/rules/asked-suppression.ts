import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { addressOf, CHANNELS } from '../channels.ts';
import { maskedAddress } from '../masked.ts';
import { STOPS, type Suppression, suppress, suppressionOf } from './suppression.ts';

const DETAIL_MAX = 200;
const ADDRESS_MAX = 4_096;

/** The reasons that people give; the others are a provider's to tell. */
export const ASKED_REASONS = ['opted-out', 'asked'] as const;

export const stopsField = z
  .enum(STOPS)
  .describe('all-but-transactional: what the law has a lender tell still goes out');

/** What a person asks for who wants an address left alone. */
export const suppressionWish = z
  .strictObject({
    channel: z.enum(CHANNELS),
    address: z.string().min(1).max(ADDRESS_MAX),
    reason: z.enum(ASKED_REASONS).default('asked'),
    stops: stopsField
      .optional()
      .describe('default: all-but-transactional where the person opted out, otherwise everything'),
    detail: z.string().min(1).max(DETAIL_MAX).optional(),
  })
  .superRefine(({ channel, address }, { addIssue }) => {
    const message = addressOf[channel].safeParse(address).error?.issues[0]?.message;
    if (message !== undefined) addIssue({ code: 'custom', path: ['address'], message });
  });
export type SuppressionWish = z.output<typeof suppressionWish>;

/** @returns what holds for the address then, which may be an older and wider one */
export async function suppressAsAsked(
  tx: Transaction,
  wish: SuppressionWish,
  since: Date,
): Promise<Suppression> {
  await suppress(tx, { ...wish, detail: wish.detail ?? null, since });
  return (await suppressionOf(tx, wish.channel, wish.address))!;
}

/** As it may be shown: masked. */
export function shownSuppression(suppression: Suppression): Suppression {
  return { ...suppression, address: maskedAddress(suppression.channel, suppression.address) };
}
