import { sql } from 'slonik';
import { z } from 'zod';
import type { Clock } from '../../calendar/clock.ts';
import type { Transaction } from '../../db/pools.ts';
import type { CallContext } from '../../runtime/definition.ts';
import { settleHeld } from '../../runtime/settle.ts';
import { GatewayError } from '../gateway/errors.ts';
import type { AccountCheck, Gateway, GatewayCall } from '../gateway/gateway.ts';
import { CHECK_KIND, checkKey } from './asking.ts';
import { concludeCheck } from './conclude.ts';
import { lockCheck } from './rows.ts';

/** One that nobody could tell of, as the gateway now shows it. */
export interface FoundCheck {
  id: string;
  picture: AccountCheck;
}

/** What was asked longer ago, no list of the gateway's is going to bring up. */
const SOUGHT_DAYS = 7;
const SOUGHT_MAX = 100;
const DAY_MS = 86_400_000;

/** Looks once more for checks of which nobody could tell whether they were begun: the gateway's lists may have lagged. */
export async function findChecks(
  { transact, clock, signal }: Pick<CallContext, 'transact' | 'clock' | 'signal'>,
  gateway: Gateway,
  call: GatewayCall,
): Promise<FoundCheck[]> {
  const since = new Date(clock.now().getTime() - SOUGHT_DAYS * DAY_MS);
  const sought = await transact((tx) =>
    tx.any(sql.type(z.object({ id: z.string(), begun_at: z.date() }))`
      SELECT id, submitted_at AS begun_at FROM bank_account_check
      WHERE tenant_id = current_tenant() AND state = 'unknown' AND gateway = ${gateway.name}
        AND submitted_at > ${since.toISOString()}
      ORDER BY id DESC LIMIT ${SOUGHT_MAX}`),
  );
  const found: FoundCheck[] = [];
  try {
    for (const { id, begun_at } of sought) {
      const picture = await gateway.accountCheckByReference({ reference: id, begun_at }, call);
      if (picture) found.push({ id, picture });
    }
  } catch (error) {
    signal.throwIfAborted();
    // People have them in hand: nothing waits for it.
    if (!(error instanceof GatewayError)) throw error;
  }
  return found;
}

/** Goes by what was found and has been answered, and settles the jobs that were held for it. */
export async function concludeFound(
  tx: Transaction,
  context: { tenant: string; clock: Clock },
  found: readonly FoundCheck[],
): Promise<void> {
  for (const { id, picture } of found) {
    if (picture.status === 'created') continue;
    const result = await concludeCheck(tx, context, id, { picture, evidence: 'poll' });
    await settleHeld(tx, { kind: CHECK_KIND, key: checkKey(await lockCheck(tx, id)), result });
  }
}
