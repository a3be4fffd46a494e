import { dayNumber } from '../../calendar/day-number.ts';
import { noParts, type Owed, type Parts, total } from '../allocation.ts';
import { type AssetClass, daysPastDue } from '../delinquency.ts';
import type { LoanState } from '../states.ts';
import type { LoanTerms } from './terms.ts';

/**
 * How a loan stands, in memory: what the pure functions of this folder read and move on. Amounts are in
 * minor units, days are day numbers. Whoever loaded it holds the loan's lock until it is stored.
 */
export interface LoanStanding {
  readonly id: string;
  readonly wallet_id: string;
  readonly currency: string;
  readonly terms: LoanTerms;
  state: LoanState;
  /** Everything that the loan's days bring has been done up to this one; null before the disbursal. */
  carried_through: number | null;
  asset_class: AssetClass;
  /** Non-performing through this day, whatever is paid: it was restructured. */
  class_held_through: number | null;
  /** Penal charges over the loan's life, without tax. */
  penal_charged: bigint;
  /** Interest and penal charges asked for but not recognised as income until they are received. */
  suspended_interest: bigint;
  suspended_penal: bigint;
  /** Paid ahead: waits for the next due date. */
  advance: bigint;
  /** The instalments that are not paid in full, oldest first; how far ahead, whoever loads them decides. */
  unpaid: Instalment[];
}

export interface Instalment extends Parts {
  readonly number: number;
  /** First day that its interest is for, less one: the due date before, or the disbursal. Null: not known. */
  readonly from_day: number | null;
  readonly due_day: number;
  readonly paid: Parts;
  /** Charged, with tax, and forgiven: `penal` is what is left of it. */
  penal_tax: bigint;
  penal_base_days: bigint;
  /** The tax in `fees`. */
  fees_tax: bigint;
  /** Interest recognised day by day before it falls due. */
  accrued: bigint;
  /** Business date on which its interest became receivable, and on which it was paid in full. */
  fell_due_on: string | null;
  paid_on: string | null;
  /** Set where it differs from what is stored. */
  changed: boolean;
}

/** What an instalment still asks for. */
export function owedOf(instalment: Instalment): Owed {
  const { number, paid } = instalment;
  return {
    number,
    penal: instalment.penal - paid.penal,
    fees: instalment.fees - paid.fees,
    interest: instalment.interest - paid.interest,
    principal: instalment.principal - paid.principal,
  };
}

export function isPaid(instalment: Instalment): boolean {
  return total(owedOf(instalment)) === 0n;
}

/** Principal or interest is unpaid: what days past due are counted by. */
export function isInArrears(instalment: Instalment): boolean {
  const { paid } = instalment;
  return paid.principal < instalment.principal || paid.interest < instalment.interest;
}

/** What all instalments given ask for together. */
export function owedInAll(instalments: readonly Instalment[]): Parts {
  const sum = noParts();
  for (const instalment of instalments) {
    const owed = owedOf(instalment);
    sum.penal += owed.penal;
    sum.fees += owed.fees;
    sum.interest += owed.interest;
    sum.principal += owed.principal;
  }
  return sum;
}

/** Due date of the oldest instalment in arrears by `day`; null where there is none. */
export function oldestDueDay(loan: LoanStanding, day: number): number | null {
  const { due_date_counts_as } = loan.terms.delinquency;
  return (
    loan.unpaid.find((each) => each.due_day < day + due_date_counts_as && isInArrears(each))?.due_day ?? null
  );
}

export function daysPastDueOn(loan: LoanStanding, day: number): number {
  return daysPastDue(loan.terms.delinquency, oldestDueDay(loan, day), day);
}

/** A copy that can be moved on without touching the original. */
export function copyOf(loan: LoanStanding): LoanStanding {
  return {
    ...loan,
    unpaid: loan.unpaid.map((instalment) => ({ ...instalment, paid: { ...instalment.paid } })),
  };
}

/** A row of a new schedule, nothing of it asked for yet. */
export function freshInstalment(row: {
  number: number;
  from_on: string | null;
  due_on: string;
  principal: bigint;
  interest: bigint;
  fees?: bigint;
}): Instalment {
  return {
    number: row.number,
    from_day: row.from_on === null ? null : dayNumber(row.from_on),
    due_day: dayNumber(row.due_on),
    ...{ principal: row.principal, interest: row.interest, fees: row.fees ?? 0n, penal: 0n },
    paid: noParts(),
    ...{
      penal_tax: 0n,
      fees_tax: 0n,
      penal_base_days: 0n,
      accrued: 0n,
      fell_due_on: null,
      paid_on: null,
      changed: true,
    },
  };
}
