import type { IsoDate } from '../../calendar/business-date.ts';
import type { Transaction } from '../../db/pools.ts';
import { statementPeriod } from '../../documents/statement.ts';
import { writeEvents } from '../../events/emit.ts';
import { hearingOf } from '../../events/listeners.ts';
import { LoanError } from '../../loans/errors.ts';
import { loanEvent, momentAt } from '../../loans/events.ts';
import { loanOf } from '../../loans/views.ts';
import type { AcceptInTransaction, JobView } from '../../runtime/types.ts';
import { NOTICE_KIND } from './rules.ts';

export interface StatementWish {
  loan: string;
  from?: IsoDate | undefined;
  to?: IsoDate | undefined;
}

/**
 * Has a loan's statement sent to its borrower, by the rules for `loan.statement-ready`; those who subscribe are told
 * as well. Without days it is about all of the loan's life until today.
 * @returns the job that accepts the messages
 * @throws LoanError not-found; DocumentError wrong-period
 */
export async function sendStatement(
  tx: Transaction,
  accept: AcceptInTransaction,
  { tenant, now }: { tenant: string; now: Date },
  { loan: id, ...days }: StatementWish,
): Promise<JobView> {
  const loan = await loanOf(tx, id);
  if (!loan) throw new LoanError('not-found', `There is no loan ${id}.`);
  const period = await statementPeriod(tx, tenant, loan, days, now);
  const ready = loanEvent(id, 'statement-ready', await momentAt(tx, tenant, now), { ...period });
  const [event] = await writeEvents(tx, [ready]);
  // Fanned out as well, it is the same job.
  const [job] = await accept([hearingOf(NOTICE_KIND, { event: event!, subject: id })]);
  return job!;
}
