import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { emit } from '../events/emit.ts';
import { type Application, applicationOf, locked, type Wisher } from './applications.ts';
import { LoanError } from './errors.ts';
import { applicationEvent, loanEvent, momentAt } from './events.ts';
import { LOAN_STATES, moveApplication, moveLoan } from './states.ts';
import { type LoanView, loanOf } from './views.ts';

/** What is cancelled, why, and by whom; again by the same person it is answered the same. */
export interface Cancellation {
  id: string;
  reason: string;
}

/**
 * Cancels an application that nobody decided for good yet: a credit check under way finds nothing left to
 * check. What is approved is cancelled as a loan.
 * @throws LoanError not-found, illegal-transition
 */
export async function cancelApplication(
  tx: Transaction,
  { tenant, actor, now }: Wisher,
  { id, reason }: Cancellation,
): Promise<{ application: Application; replayed: boolean }> {
  const application = await locked(tx, id);
  if (application.state === 'cancelled' && application.cancelled_by === actor) {
    return { application, replayed: true };
  }
  const state = moveApplication(application.state, 'cancelled');
  await tx.query(sql.unsafe`
    UPDATE application
    SET state = ${state}, cancelled_by = ${actor}, cancelled_at = ${now.toISOString()}, cancellation_reason = ${reason}
    WHERE tenant_id = current_tenant() AND id = ${id}`);
  await emit(tx, [applicationEvent(application, state, await momentAt(tx, tenant, now))]);
  return { application: (await applicationOf(tx, id))!, replayed: false };
}

const lockedLoan = z.object({ state: z.enum(LOAN_STATES), cancelled_by: z.string().nullable() });

/**
 * Cancels a loan that is not paid out yet. The disbursal takes the same lock: whichever of the two comes
 * second finds the other's work done.
 * @throws LoanError not-found, illegal-transition
 */
export async function cancelLoan(
  tx: Transaction,
  { tenant, actor, now }: Wisher,
  { id, reason }: Cancellation,
): Promise<{ loan: LoanView; replayed: boolean }> {
  const loan = await tx.maybeOne(sql.type(lockedLoan)`
    SELECT state, cancelled_by FROM loan
    WHERE tenant_id = current_tenant() AND id = ${id}
    FOR NO KEY UPDATE`);
  if (!loan) throw new LoanError('not-found', `There is no loan ${id}.`);
  const replayed = loan.state === 'cancelled' && loan.cancelled_by === actor;
  if (!replayed) {
    const state = moveLoan(loan.state, 'cancelled');
    const moment = await momentAt(tx, tenant, now);
    await tx.query(sql.unsafe`
      UPDATE loan
      SET state = ${state}, closed_on = ${moment.business_date}, cancelled_by = ${actor},
          cancelled_at = ${now.toISOString()}, cancellation_reason = ${reason}
      WHERE tenant_id = current_tenant() AND id = ${id}`);
    await emit(tx, [loanEvent(id, 'cancelled', moment)]);
  }
  return { loan: (await loanOf(tx, id))!, replayed };
}
