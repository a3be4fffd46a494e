import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { LoanError } from './errors.ts';

/** A tenant's applications that may wait for their credit check, unless a setting says otherwise. */
export const CREDIT_BACKLOG_MAX = 10_000;
const RETRY_AFTER_S = 30;

/**
 * Pushes back on who applies while too many applications wait for their check, for instance because the
 * bureau is away: what is accepted is never lost, so no more may be accepted than can be decided in good
 * time. Counted with the one just taken; those that others are taking at this moment come on top.
 * @throws LoanError backlog-full, saying when to try again
 */
export async function refuseWhenFull(tx: Transaction, backlog_max: number): Promise<void> {
  const full = await tx.oneFirst(sql.prepared('credit_backlog_full', z.object({ full: z.boolean() }))`
    SELECT EXISTS (
      SELECT FROM application
      WHERE tenant_id = current_tenant() AND state IN ('applied', 'checking')
      OFFSET ${backlog_max}
    ) AS full`);
  if (!full) return;
  throw new LoanError('backlog-full', `${backlog_max} applications wait for their credit check.`, {
    retry_after_s: RETRY_AFTER_S,
  });
}
