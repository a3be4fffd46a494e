import { sql } from 'slonik';
import type { Transaction } from '../db/pools.ts';
import { emit } from '../events/emit.ts';
import { Cancel } from '../runtime/outcomes.ts';
import { type Application, locked } from './applications.ts';
import type { BureauReport } from './bureau-client.ts';
import { type Decision, decide } from './decision.ts';
import { gatherFacts } from './decision-facts.ts';
import { LoanError } from './errors.ts';
import { applicationEvent, momentAt } from './events.ts';
import { productOf } from './products.ts';
import { type ApplicationState, applicationMayMove } from './states.ts';

/** What the bureau is asked about. */
export interface CheckIntent {
  applicant: string;
}

/**
 * Marks an application as being checked.
 * @returns what to ask the bureau; null where there is no such application
 * @throws Cancel when it was rejected, or decided before
 */
export async function beginCheck(
  tx: Transaction,
  { tenant, now }: { tenant: string; now: Date },
  id: string,
): Promise<CheckIntent | null> {
  const application = await lockedOrNull(tx, id);
  if (!application) return null;
  mustBeUndecided(application);
  await tx.query(sql.unsafe`
    UPDATE application SET state = 'checking' WHERE tenant_id = current_tenant() AND id = ${id}`);
  await emit(tx, [applicationEvent(application, 'checking', await momentAt(tx, tenant, now))]);
  return { applicant: application.applicant };
}

/** Decides the application from the bureau's report and stores both. @throws Cancel as beginCheck */
export async function concludeCheck(
  tx: Transaction,
  { tenant, now }: { tenant: string; now: Date },
  id: string,
  report: BureauReport,
): Promise<Decision> {
  const application = await locked(tx, id);
  mustBeUndecided(application);
  const product = await productOf(tx, application.product, application.product_version);
  const decision = decide(await gatherFacts(tx, application, product, report));
  await tx.query(sql.unsafe`
    UPDATE application
    SET state = ${decision.outcome}, bureau = ${JSON.stringify(report)}::text::jsonb,
        decision = ${JSON.stringify(decision)}::text::jsonb, decided_at = ${now.toISOString()}
    WHERE tenant_id = current_tenant() AND id = ${id}`);
  const moment = await momentAt(tx, tenant, now);
  await emit(tx, [applicationEvent(application, decision.outcome, moment, { reasons: decision.reasons })]);
  return decision;
}

const UNDECIDED: readonly ApplicationState[] = ['applied', 'checking'];

function mustBeUndecided({ id, state }: Application): void {
  if (UNDECIDED.includes(state) && (state === 'checking' || applicationMayMove(state, 'checking'))) return;
  throw new Cancel('illegal-transition', `Application ${id} is ${state}: there is nothing left to check.`);
}

async function lockedOrNull(tx: Transaction, id: string): Promise<Application | null> {
  try {
    return await locked(tx, id);
  } catch (error) {
    if (error instanceof LoanError && error.code === 'not-found') return null;
    throw error;
  }
}
