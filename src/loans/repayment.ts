import { v7 as uuidv7 } from 'uuid';
import type { IsoDate } from '../calendar/business-date.ts';
import type { Clock } from '../calendar/clock.ts';
import type { Transaction } from '../db/pools.ts';
import { emit } from '../events/emit.ts';
import { type ControlAccounts, controlAccounts } from '../ledger/accounts.ts';
import { businessDateAt } from '../ledger/business-day.ts';
import { toDecimal } from '../ledger/money.ts';
import { type EntryDraft, type JournalDraft, type Posting, post } from '../ledger/post.ts';
import { type Allocated, allocate } from './allocation.ts';
import { loanEvent } from './events.ts';
import { minorText, minorUnits } from './schedule.ts';
import {
  type InstalmentChange,
  lockForServicing,
  type ServicedLoan,
  storeServicing,
  type UnpaidInstalment,
} from './servicing.ts';

/** A payment towards a loan. */
export interface Repayment {
  loan: string;
  amount: string;
  currency: string;
  /** The caller's own name for it: the same one is never taken twice. */
  reference: string;
  /** `collection`: money that reached the bank, credited to the wallet first. `wallet`: money held there. */
  source: 'collection' | 'wallet';
}

export type RefusalCode =
  | 'unknown-loan'
  | 'loan-not-active'
  | 'insufficient-funds'
  | 'account-frozen'
  | 'currency-mismatch'
  | 'duplicate-reference';

export type Repaid =
  | {
      outcome: 'repaid';
      journal: string;
      business_date: IsoDate;
      /** What the instalments took: interest and principal. */
      taken: string;
      interest: string;
      principal: string;
      /** What was offered above that. It stays in the wallet. */
      left_in_wallet: string;
      loan_state: 'active' | 'closed';
    }
  | { outcome: 'refused'; code: RefusalCode; message: string };

/** One repayment worked out against its loan. */
interface Plan {
  repayment: Repayment;
  loan: ServicedLoan;
  allocated: Allocated;
  /** Instalments paid before they fell due do so now: their interest is earned with the payment. */
  falling_due: UnpaidInstalment[];
  journal: string;
}

/**
 * Takes repayments, set-based: locks the loans and their unpaid instalments, allocates, posts one journal
 * each, and closes the loans that are paid. Two repayments of one loan are taken one after the other.
 * @returns one answer per repayment, in order.
 */
export async function takeRepayments(
  tx: Transaction,
  tenant: string,
  clock: Clock,
  repayments: readonly Repayment[],
): Promise<Repaid[]> {
  const answers = new Map<Repayment, Repaid>();
  for (let waiting = [...repayments]; waiting.length > 0; ) {
    const round = firstOfEachLoan(waiting);
    for (const [repayment, answer] of await takeRound(tx, tenant, clock, round)) {
      answers.set(repayment, answer);
    }
    waiting = waiting.filter((repayment) => !answers.has(repayment));
  }
  return repayments.map((repayment) => answers.get(repayment)!);
}

function firstOfEachLoan(repayments: readonly Repayment[]): Repayment[] {
  const seen = new Set<string>();
  return repayments.filter(({ loan }) => !seen.has(loan) && seen.add(loan));
}

async function takeRound(
  tx: Transaction,
  tenant: string,
  clock: Clock,
  repayments: readonly Repayment[],
): Promise<Map<Repayment, Repaid>> {
  const posted_at = clock.now();
  const business_date = await businessDateAt(tx, tenant, posted_at);
  const controls = await controlAccounts(tx, tenant);
  const loans = await lockForServicing(
    tx,
    repayments.map(({ loan }) => loan),
  );
  const answers = new Map<Repayment, Repaid>();
  const plans: Plan[] = [];
  for (const repayment of repayments) {
    const loan = loans.get(repayment.loan);
    const refusal = refusalOf(repayment, loan);
    if (refusal) answers.set(repayment, refusal);
    else plans.push(planOf(repayment, loan!));
  }
  const postings = await post(
    tx,
    plans.map((plan) => ({ ...draftOf(plan, controls), business_date, posted_at })),
  );
  const posted = plans.filter((_, index) => postings[index]!.status === 'posted');
  await storeServicing(
    tx,
    posted.flatMap((plan) => changesOf(plan, business_date)),
    business_date,
  );
  await emit(
    tx,
    posted
      .filter(isPaidBy)
      .map(({ loan, journal }) => loanEvent(loan.id, 'closed', { at: posted_at, business_date, journal })),
  );
  for (const [index, plan] of plans.entries()) {
    answers.set(plan.repayment, answerOf(plan, postings[index]!, business_date));
  }
  return answers;
}

function refusalOf(repayment: Repayment, loan: ServicedLoan | undefined): Repaid | null {
  if (!loan) return refused('unknown-loan', `There is no loan ${repayment.loan}.`);
  if (loan.state !== 'active') return refused('loan-not-active', `Loan ${loan.id} is ${loan.state}.`);
  if (loan.currency !== repayment.currency) {
    return refused('currency-mismatch', `Loan ${loan.id} is kept in ${loan.currency}.`);
  }
  return null;
}

function planOf(repayment: Repayment, loan: ServicedLoan): Plan {
  const owed = loan.unpaid.map(({ number, principal, interest, paid_principal, paid_interest }) => ({
    number,
    principal: principal - paid_principal,
    interest: interest - paid_interest,
  }));
  const allocated = allocate(minorUnits(repayment.amount), owed);
  const touched = new Set(allocated.parts.map(({ number }) => number));
  const falling_due = loan.unpaid.filter(
    ({ number, fell_due_on }) => touched.has(number) && fell_due_on === null,
  );
  return { repayment, loan, allocated, falling_due, journal: uuidv7() };
}

function draftOf(
  { repayment, loan, allocated, falling_due, journal }: Plan,
  controls: ControlAccounts,
): Omit<JournalDraft, 'business_date' | 'posted_at'> {
  const earned = falling_due.reduce((sum, { interest }) => sum + interest, 0n);
  const offered = repayment.source === 'collection' ? minorUnits(repayment.amount) : 0n;
  const lines: [string, EntryDraft['direction'], bigint][] = [
    [controls.bank, 'debit', offered],
    [loan.wallet_id, 'credit', offered],
    [loan.interest_account, 'debit', earned],
    [controls['interest-income'], 'credit', earned],
    [loan.wallet_id, 'debit', allocated.taken],
    [loan.interest_account, 'credit', allocated.interest],
    [loan.principal_account, 'credit', allocated.principal],
  ];
  return {
    id: journal,
    stream: loan.id,
    kind: 'loan.repay',
    key: `loan.repay/${repayment.reference}`,
    entries: lines
      .filter(([, , minor]) => minor > 0n)
      .map(([account, direction, minor]) => ({
        ...{ account, direction, amount: toDecimal(minorText(minor)), currency: loan.currency },
      })),
  };
}

function changesOf({ loan, allocated }: Plan, business_date: IsoDate): InstalmentChange[] {
  const before = new Map(loan.unpaid.map((instalment) => [instalment.number, instalment]));
  return allocated.parts.map(({ number, principal, interest }) => {
    const instalment = before.get(number)!;
    const paid_principal = instalment.paid_principal + principal;
    const paid_interest = instalment.paid_interest + interest;
    const paid = paid_principal === instalment.principal && paid_interest === instalment.interest;
    return {
      ...{ loan: loan.id, number, paid_principal, paid_interest },
      fell_due_on: instalment.fell_due_on ?? business_date,
      paid_on: paid ? business_date : null,
    };
  });
}

function answerOf(plan: Plan, posting: Posting, business_date: IsoDate): Repaid {
  const { repayment, loan, allocated } = plan;
  switch (posting.status) {
    case 'insufficient-funds':
      return refused(
        'insufficient-funds',
        `Wallet ${loan.wallet_id} does not hold ${minorText(allocated.taken)} ${loan.currency}.`,
      );
    case 'account-frozen':
      return refused('account-frozen', `Wallet ${loan.wallet_id} is frozen: no money leaves it.`);
    case 'duplicate':
      return refused(
        'duplicate-reference',
        `Reference ${repayment.reference} was taken by journal ${posting.journal}.`,
      );
    case 'posted':
      return {
        outcome: 'repaid',
        journal: posting.journal,
        business_date,
        taken: minorText(allocated.taken),
        interest: minorText(allocated.interest),
        principal: minorText(allocated.principal),
        left_in_wallet: minorText(minorUnits(repayment.amount) - allocated.taken),
        loan_state: isPaidBy(plan) ? 'closed' : 'active',
      };
  }
}

function isPaidBy({ loan, allocated }: Plan): boolean {
  const owed = loan.unpaid.reduce(
    (sum, row) => sum + row.principal + row.interest - row.paid_principal - row.paid_interest,
    0n,
  );
  return allocated.taken === owed;
}

function refused(code: RefusalCode, message: string): Repaid {
  return { outcome: 'refused', code, message };
}
