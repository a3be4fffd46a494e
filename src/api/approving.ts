import { z } from 'zod';
import { describe } from '../approvals/approvals.ts';
import { inTenant } from '../db/transaction.ts';
import type { Actor } from '../identity/actor.ts';
import { APPROVAL_STATES, type Approval, findApproval, VERDICTS } from '../identity/approval-rows.ts';
import type { Barred } from '../runtime/types.ts';
import type { ApiParts } from './ports.ts';
import { refusal } from './problem.ts';
import { timestamp, uuid } from './schemas.ts';

export const approvalSchema = z
  .strictObject({
    id: uuid,
    action: z.string(),
    description: z.string().describe('a sentence for people'),
    payload: z.record(z.string(), z.unknown()).describe('exactly what is proposed, and what it rests on'),
    hash: z.string().describe('SHA-256 of {action, payload, tenant} in canonical JSON; every vote brings it'),
    reason: z.string().nullable(),
    amount: z.string().nullable(),
    quorum: z.int().describe('how many must approve, besides who proposed'),
    state: z.enum(APPROVAL_STATES),
    proposed_by: z.string(),
    proposed_at: timestamp,
    expires_at: timestamp,
    ended_at: timestamp.nullable(),
    result: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('what applying it made; of a refused one the code and message'),
    votes: z.array(
      z.strictObject({
        voter: z.string(),
        verdict: z.enum(VERDICTS),
        reason: z.string().nullable(),
        voted_at: timestamp,
      }),
    ),
    links: z.strictObject({ self: z.string(), approve: z.string(), reject: z.string() }),
  })
  .meta({ id: 'Approval' });
export type ApprovalResource = z.output<typeof approvalSchema>;

export function approvalResource(approval: Approval): ApprovalResource {
  const self = `/v1/approvals/${approval.id}`;
  return {
    ...approval,
    description: describe(approval),
    proposed_at: approval.proposed_at.toISOString(),
    expires_at: approval.expires_at.toISOString(),
    ended_at: approval.ended_at?.toISOString() ?? null,
    votes: approval.votes.map((vote) => ({ ...vote, voted_at: vote.voted_at.toISOString() })),
    links: { self, approve: `${self}/approve`, reject: `${self}/reject` },
  };
}

/** @throws Problem under the code for which it could not be done when its quorum was there. */
export function assertNotRefused(approval: Approval | null): void {
  if (approval?.state !== 'refused') return;
  const { code, message } = approval.result as { code: string; message: string };
  throw refusal(code, message);
}

/** What a wish became that takes another person's word. */
export async function barredResource(
  { pool, clock }: Pick<ApiParts, 'pool' | 'clock'>,
  { tenant }: Actor,
  { approval }: Barred,
): Promise<ApprovalResource> {
  return approvalResource((await inTenant(pool, tenant, (tx) => findApproval(tx, approval, clock.now())))!);
}
