import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool, Transaction } from '../../db/pools.ts';
import type { JobRequest } from '../../runtime/definition.ts';
import { raiseException } from '../exceptions.ts';
import { GatewayError } from '../gateway/errors.ts';
import type { PayoutPicture } from '../gateway/gateway.ts';
import { letIn } from '../gateway/lockouts.ts';
import { lookAfterLost } from '../lost-looks.ts';
import type { Applied, Occasion } from '../occasion.ts';
import { evidenceOfLook } from '../states.ts';
import { applyPayoutPicture } from './apply.ts';
import { type Calling, payoutAtGateway } from './at-gateway.ts';
import { nextLookAt, nextTryAt } from './looks.ts';
import { lockPayout, type Payout, updatePayout } from './rows.ts';

/** What one pass takes at most. */
const LOOKS_PER_PASS_MAX = 200;
export const LOOK_KIND = 'payments.look';

const dueRow = z.object({ id: z.string(), at: z.date() });

/** Tenants with payouts that are to be looked at. @param carrierPool acts as kist_carrier */
export function tenantsToLookAt(carrierPool: Pool, now: Date): Promise<readonly string[]> {
  return carrierPool.anyFirst(sql.prepared('tenants_to_look_at', z.object({ tenant_id: z.string() }))`
    SELECT tenant_id FROM tenant
    WHERE EXISTS (
      SELECT FROM payout p WHERE p.tenant_id = tenant.tenant_id AND p.next_look_at <= ${now.toISOString()}::timestamptz)
    ORDER BY random()`);
}

/** Takes the payouts whose time has come, and says which jobs look at them; each of them once a time. */
export async function takeLooks(tx: Transaction, now: Date): Promise<JobRequest[]> {
  const due = await tx.any(sql.prepared('take_looks', dueRow)`
    WITH due AS (
      SELECT id AS due_id, next_look_at AS at FROM payout
      WHERE tenant_id = current_tenant() AND next_look_at <= ${now.toISOString()}::timestamptz
      ORDER BY next_look_at
      LIMIT ${LOOKS_PER_PASS_MAX}
      FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE payout SET next_look_at = ${lookAfterLost(now).toISOString()}::timestamptz
    FROM due WHERE tenant_id = current_tenant() AND id = due_id
    RETURNING id, at`);
  return due.map(({ id, at }) => ({ kind: LOOK_KIND, payload: { payout: id, at: at.toISOString() } }));
}

/** What the gateway showed, and how the payout stood here when it was asked. */
export type Looked = { picture: PayoutPicture | null; asked: Payout['state'] } | { failed: { code: string } };

/** Asks the gateway how a payout stands. A gateway that does not answer is asked again at the next look. */
export async function lookAtPayout(id: string, calling: Calling): Promise<Looked> {
  const { payout, at } = await payoutAtGateway(id, calling);
  if (!at) return { failed: { code: 'no-gateway' } };
  try {
    const { provider_id, state: asked } = payout;
    if (provider_id !== null) return { picture: await at.gateway.payout(provider_id, at.call), asked };
    if (payout.request_body === null) return { picture: null, asked };
    return { picture: await at.gateway.payoutByReference(payout.id, at.call), asked };
  } catch (error) {
    calling.signal.throwIfAborted();
    if (error instanceof GatewayError) return { failed: { code: error.code } };
    throw error;
  }
}

/** Goes by what the look showed, and says when to look again. */
export async function concludeLook(
  tx: Transaction,
  context: Omit<Occasion, 'evidence' | 'detail'>,
  id: string,
  looked: Looked,
): Promise<{ reading: Applied | 'no-answer' | 'nothing-there'; state: Payout['state'] }> {
  const before = (await lockPayout(tx, id))!;
  const evidence = 'failed' in looked ? 'poll' : evidenceOfLook(looked.asked, before.state);
  const occasion = { ...context, evidence, detail: {}, gateway: before.gateway };
  const reading =
    'failed' in looked
      ? 'no-answer'
      : looked.picture === null
        ? 'nothing-there'
        : await applyPayoutPicture(tx, occasion, looked.picture);
  if ('picture' in looked && looked.picture !== null) await letIn(tx, context, before.gateway);
  const payout = (await lockPayout(tx, id))!;
  if (payout.state === before.state) {
    await updatePayout(tx, payout, nextLook(payout, reading, context.clock.now()));
    await tellIfStuck(tx, occasion, payout);
  }
  return { reading, state: payout.state };
}

function nextLook({ state, looks }: Payout, reading: string, now: Date) {
  if (reading === 'no-answer') return { next_look_at: nextTryAt(now) };
  if (reading === 'fetch') return { next_look_at: now };
  return { looks: looks + 1, next_look_at: nextLookAt(state, looks + 1, now) };
}

/** One whose job was cancelled, buried, or never came: money under way that nobody brings. */
async function tellIfStuck(tx: Transaction, occasion: Occasion, { id, state }: Payout): Promise<void> {
  if (!['approved', 'submitting', 'unknown'].includes(state)) return;
  await raiseException(tx, occasion, {
    ...{ kind: 'payout', subject: id, code: 'stuck' },
    message: `It has been ${state} for a day: look at its job.`,
  });
}
