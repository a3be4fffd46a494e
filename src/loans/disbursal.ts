import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { IsoDate } from '../calendar/business-date.ts';
import type { Clock } from '../calendar/clock.ts';
import { dateOfDay, dayNumber } from '../calendar/day-number.ts';
import type { Transaction } from '../db/pools.ts';
import { type EventDraft, emit } from '../events/emit.ts';
import { type BusinessDay, businessDayAt } from '../ledger/business-day.ts';
import { toDecimal } from '../ledger/money.ts';
import { type JournalDraft, type Posting, post } from '../ledger/post.ts';
import { planSchedule } from './calculator/plan.ts';
import { loanEvent } from './events.ts';
import type { LoanTerms } from './life/terms.ts';
import type { DisbursementRules } from './product-rules.ts';
import { minorText, minorUnits } from './schedule.ts';
import { termsOf } from './servicing/terms.ts';
import { noteFirstTranche } from './servicing/tranche-rows.ts';
import { LOAN_STATES } from './states.ts';

export type Disbursed =
  | {
      outcome: 'disbursed';
      loan: string;
      wallet: string;
      principal: string;
      instalment: string;
      journal: string;
      disbursed_on: IsoDate;
      first_due_on: IsoDate;
      /** On its way to the borrower's bank account; left out where it stays in the wallet. */
      payout?: string;
    }
  | { outcome: 'duplicate'; loan: string; message: string }
  | { outcome: 'refused'; code: 'unknown-loan' | 'loan-cancelled'; message: string };

/** Money of a loan that its product sends on from the wallet to the borrower's bank account. */
export interface BankBound {
  loan: string;
  wallet: string;
  amount: string;
  currency: string;
  /** Unique for each part of a loan. */
  reference: string;
  how: DisbursementRules;
}

/** Sends money on to the bank, in the same transaction. @returns payouts by reference, as far as they began */
export type SendOn = (tx: Transaction, bound: readonly BankBound[]) => Promise<ReadonlyMap<string, string>>;

const loanRow = z.object({
  tenant_id: z.string(),
  id: z.string(),
  product_code: z.string(),
  product_version: z.number(),
  score: z.number().nullable(),
  wallet_id: z.string(),
  currency: z.string(),
  principal: z.string(),
  /** Where it is paid out in parts; then `principal` is this one. */
  first_tranche: z.string().nullable(),
  annual_rate: z.string(),
  tenure_months: z.number(),
  state: z.enum(LOAN_STATES),
  principal_account: z.string(),
});
type DisbursingLoan = z.output<typeof loanRow>;

/** One loan's schedule, ready to be stored. */
interface Plan {
  loan: DisbursingLoan;
  journal: string;
  instalment: string;
  how: DisbursementRules;
  from: IsoDate[];
  due: IsoDate[];
  /** The first day that brings something. */
  next_work_on: IsoDate;
  principals: string[];
  interests: string[];
}

/**
 * Pays loans out: principal receivable against the borrower's wallet, the schedule written, the loan
 * active. Set-based: six statements, whatever the number of loans. A loan paid out before, or twice in one
 * call, is a duplicate; the key of its journal guards that a second time.
 * @param sendOn takes what its product pays to the bank
 * @returns one answer per id, in order.
 */
export async function disburseLoans(
  tx: Transaction,
  tenant: string,
  clock: Clock,
  ids: readonly string[],
  sendOn?: SendOn,
): Promise<Disbursed[]> {
  const posted_at = clock.now();
  const day = await businessDayAt(tx, tenant, posted_at);
  const { business_date } = day;
  const loans = new Map((await lockLoans(tx, ids)).map((loan) => [loan.id, loan]));
  const plans = await planAll(tx, [...loans.values()], day);
  const postings = await post(
    tx,
    plans.map((plan) => draftOf(plan, business_date, posted_at)),
  );
  const paid = plans.filter((_, index) => postings[index]!.status === 'posted');
  await activate(tx, paid, business_date);
  for (const { loan, journal } of paid) {
    if (loan.first_tranche !== null) await noteFirstTranche(tx, loan.id, { paid_on: business_date, journal });
  }
  await emit(
    tx,
    paid.map((plan) => disbursedEvent(plan, { at: posted_at, business_date })),
  );
  const bound = paid.filter(({ how }) => how.to === 'bank').map(boundOf);
  const payouts = sendOn && bound.length > 0 ? await sendOn(tx, bound) : null;

  const answers = new Map(
    plans.map((plan, index) => {
      const payout = payouts?.get(plan.loan.id);
      const answer = answerOf(plan, postings[index]!, business_date);
      return [plan.loan.id, answer.outcome === 'disbursed' && payout ? { ...answer, payout } : answer];
    }),
  );
  return ids.map((id) => {
    const answer = answers.get(id);
    answers.delete(id);
    if (answer) return answer;
    if (loans.get(id)?.state === 'cancelled') {
      return { outcome: 'refused', code: 'loan-cancelled', message: `Loan ${id} was cancelled.` };
    }
    if (loans.has(id)) return duplicate(id);
    return { outcome: 'refused', code: 'unknown-loan', message: `There is no loan ${id}.` };
  });
}

async function lockLoans(tx: Transaction, ids: readonly string[]): Promise<readonly DisbursingLoan[]> {
  const loans = await tx.any(sql.prepared('lock_loans_to_disburse', loanRow)`
    SELECT tenant_id, id, product_code, product_version, score, wallet_id, currency,
principal, annual_rate,
           (SELECT t.amount FROM loan_tranche t
            WHERE t.tenant_id = loan.tenant_id AND t.loan_id = loan.id AND t.number = 1) AS first_tranche,
           tenure_months, state, principal_account
    FROM loan
    WHERE tenant_id = current_tenant() AND id = ANY (${sql.array([...ids], 'uuid')})
    ORDER BY id
    FOR NO KEY UPDATE`);
  return loans.map((loan) => ({ ...loan, principal: loan.first_tranche ?? loan.principal }));
}

async function planAll(
  tx: Transaction,
  loans: readonly DisbursingLoan[],
  { business_date: disbursed_on, calendar }: BusinessDay,
): Promise<Plan[]> {
  const plans: Plan[] = [];
  for (const loan of loans) {
    if (loan.state !== 'disbursing') continue;
    const { tenant_id: tenant, product_code: code, product_version: version, score } = loan;
    const terms = await termsOf(tx, { tenant, code, version, score });
    const { instalment, rows } = planSchedule({
      ...{ principal: minorUnits(loan.principal), annual_rate: loan.annual_rate },
      ...{ instalments: loan.tenure_months, disbursed_on, rules: terms.rules.schedule, calendar },
    });
    plans.push({
      ...{ loan, journal: uuidv7(), instalment: minorText(instalment), how: terms.rules.disbursement },
      next_work_on: firstWorkDate(terms, disbursed_on, rows[0]!.due_on),
      from: rows.map(({ from_on }) => from_on),
      due: rows.map(({ due_on }) => due_on),
      principals: rows.map((row) => minorText(row.principal)),
      interests: rows.map((row) => minorText(row.interest)),
    });
  }
  return plans;
}

function firstWorkDate(
  { daily_interest, reminders }: LoanTerms,
  disbursed_on: IsoDate,
  first_due_on: IsoDate,
): IsoDate {
  const day_after = dayNumber(disbursed_on) + 1;
  const reminded = dayNumber(first_due_on) - Math.max(0, ...reminders.before_due_days);
  return dateOfDay(daily_interest ? day_after : Math.max(reminded, day_after));
}

function boundOf({ loan, how }: Plan): BankBound {
  const { id, wallet_id: wallet, principal: amount, currency } = loan;
  return { loan: id, wallet, amount, currency, reference: id, how };
}

function draftOf({ loan, journal }: Plan, business_date: IsoDate, posted_at: Date): JournalDraft {
  const money = { amount: toDecimal(loan.principal), currency: loan.currency };
  return {
    id: journal,
    stream: loan.id,
    kind: 'loan.disburse',
    key: `disburse:${loan.id}`,
    business_date,
    posted_at,
    entries: [
      { account: loan.principal_account, direction: 'debit', ...money },
      { account: loan.wallet_id, direction: 'credit', ...money },
    ],
  };
}

/**
 * Writes the schedules and makes the loans active, in one statement. `= ANY` shows the planner
 * the key's index, whatever it believes of the table's size; of uuids and not of text, which a plan that reads the whole
 * table would parse anew for every row. The arrays go as text that the
 * database parses: the driver's own array writer, value by value, took twice as long for the whole call.
 */
async function activate(tx: Transaction, plans: readonly Plan[], disbursed_on: IsoDate): Promise<void> {
  if (plans.length === 0) return;
  const column = (values: (plan: Plan) => readonly (string | number)[]) =>
    `{${plans.flatMap(values).join()}}`;
  await tx.query(sql.prepared('activate_loans', z.object({}))`
    WITH written AS (
      INSERT INTO instalment (tenant_id, loan_id, number, from_on, due_on, principal, interest)
      SELECT current_tenant(), row.*
      FROM unnest(
        ${column(({ loan, due }) => due.map(() => loan.id))}::text::uuid[],
        ${column(({ due }) => due.map((_, index) => index + 1))}::text::int2[],
        ${column(({ from }) => from)}::text::date[],
        ${column(({ due }) => due)}::text::date[],
        ${column(({ principals }) => principals)}::text::numeric[],
        ${column(({ interests }) => interests)}::text::numeric[]) AS row
    )
    UPDATE loan l
    SET state = 'active', disbursed_on = ${disbursed_on}::text::date, disbursed = paid.principal,
        carried_through = ${disbursed_on}::text::date, next_work_on = paid.next_work_on
    FROM unnest(
      ${column(({ loan }) => [loan.id])}::text::uuid[],
      ${column(({ next_work_on }) => [next_work_on])}::text::date[],
      ${column(({ loan }) => [loan.principal])}::text::numeric[]) AS paid(id, next_work_on, principal)
    WHERE l.tenant_id = current_tenant() AND l.id = paid.id
      AND l.id = ANY (${sql.array(
        plans.map(({ loan }) => loan.id),
        'uuid',
      )})`);
}

function disbursedEvent(
  { loan, journal, instalment, due }: Plan,
  moment: { at: Date; business_date: IsoDate },
): EventDraft {
  const { wallet_id: wallet, principal, currency, tenure_months } = loan;
  const paid = { wallet, principal, currency, tenure_months, instalment, first_due_on: due[0] };
  return loanEvent(loan.id, 'disbursed', { ...moment, journal }, paid);
}

function answerOf(plan: Plan, posting: Posting, disbursed_on: IsoDate): Disbursed {
  const { loan, instalment, due } = plan;
  if (posting.status === 'duplicate') return duplicate(loan.id);
  if (posting.status !== 'posted') throw new Error(`Disbursal of ${loan.id} ended ${posting.status}.`);
  return {
    outcome: 'disbursed',
    loan: loan.id,
    wallet: loan.wallet_id,
    principal: loan.principal,
    instalment,
    journal: posting.journal,
    disbursed_on,
    first_due_on: due[0]!,
  };
}

function duplicate(loan: string): Disbursed {
  return { outcome: 'duplicate', loan, message: `Loan ${loan} was disbursed before; nothing was done.` };
}
