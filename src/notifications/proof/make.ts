import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { type ChannelStory, notificationStory } from '../show.ts';
import { PROOF_FORMAT, type Proof, type ProofHead, type ProofPart, proofOf } from './bundle.ts';

const contentRow = z.object({
  recipient: z.string(),
  address: z.string(),
  content: z.record(z.string(), z.unknown()),
  created_at: z.date(),
  settled_at: z.date().nullable(),
});

/** All that is known of a notification, chained; null where there is none of that id. */
export async function makeProof(
  tx: Transaction,
  { notification, ...head }: Omit<ProofHead, 'format'>,
): Promise<Proof | null> {
  const stories = await notificationStory(tx, notification);
  if (!stories) return null;
  const parts: ProofPart[] = [];
  for (const story of stories) parts.push(...(await partsOf(tx, story)));
  return proofOf({ format: PROOF_FORMAT, notification, ...head }, parts);
}

async function partsOf(
  tx: Transaction,
  { channel, job, message, attempts, receipts }: ChannelStory,
): Promise<ProofPart[]> {
  const { id, state, code, message: words, accepted_by, accepted_at } = job;
  const parts: ProofPart[] = [
    {
      part: 'accepted',
      body: {
        channel,
        job: id,
        state,
        code,
        message: words,
        accepted_by,
        accepted_at: accepted_at.toISOString(),
      },
    },
  ];
  if (!message) return parts;
  const { created_at, settled_at, ...sent } = await tx.one(sql.type(contentRow)`
    SELECT recipient, address, content, created_at, settled_at FROM notification_message
    WHERE tenant_id = current_tenant() AND id = ${message.id}`);
  const times = {
    created_at: created_at.toISOString(),
    sent_at: message.sent_at?.toISOString() ?? null,
    settled_at: settled_at?.toISOString() ?? null,
  };
  parts.push({ part: 'message', body: { ...message, ...sent, ...times } });
  for (const { began_at, ended_at, ...attempt } of attempts) {
    const body = {
      channel,
      ...attempt,
      began_at: began_at.toISOString(),
      ended_at: ended_at?.toISOString() ?? null,
    };
    parts.push({ part: 'attempt', body });
  }
  for (const { message_id: _, received_at, applied_at, ...receipt } of receipts) {
    const moments = { received_at: received_at.toISOString(), applied_at: applied_at.toISOString() };
    parts.push({ part: 'receipt', body: { channel, ...receipt, ...moments } });
  }
  return parts;
}
