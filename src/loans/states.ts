import { LoanError } from './errors.ts';

/**
 * The life of an application:
 *
 *   applied → checking → offered | referred | refused
 *   offered, referred → approved
 *   applied, checking, offered, referred → rejected | cancelled
 *
 * `applied` is where it starts, in the transaction that also accepts its credit check. The check makes it
 * `checking` before the bureau is asked, and decides: `offered` (the rules say yes), `referred` (the rules
 * cannot say; a person must look), `refused` (the rules say no, with codes). A person other than the one
 * who applied makes it `approved`, which opens the loan in the same transaction, or `rejected`; rejecting
 * may come at any time before. Until then it may also be `cancelled`: the borrower wants it no more. What
 * is approved is a loan's affair: from then on the loan is cancelled, and its application stays approved.
 * `refused`, `approved`, `rejected` and `cancelled` are final.
 */
export const APPLICATION_MOVES = {
  applied: ['checking', 'rejected', 'cancelled'],
  checking: ['offered', 'referred', 'refused', 'rejected', 'cancelled'],
  offered: ['approved', 'rejected', 'cancelled'],
  referred: ['approved', 'rejected', 'cancelled'],
  refused: [],
  approved: [],
  rejected: [],
  cancelled: [],
} as const satisfies Record<string, readonly string[]>;

/**
 * The life of a loan:
 *
 *   disbursing → active → closed | foreclosed | written-off
 *   disbursing → cancelled
 *   closed, foreclosed → active
 *
 * Approval opens it `disbursing`: nothing owed yet, the disbursal job on its way. The disbursal makes it
 * `active` in the transaction that pays the principal into the wallet and writes the schedule; until then
 * it may be `cancelled`, and the disbursal then finds nothing to do. The repayment that pays the last
 * instalment makes it `closed`; a quote accepted and paid before the last due date, `foreclosed`; a lender
 * who gives up hope, `written-off` (what is recovered later does not change that). Each of these, and
 * `cancelled`, has a date on which it came. Only where the payment that ended a loan bounces does it
 * return to `active`.
 */
export const LOAN_MOVES = {
  disbursing: ['active', 'cancelled'],
  active: ['closed', 'foreclosed', 'written-off'],
  closed: ['active'],
  foreclosed: ['active'],
  'written-off': [],
  cancelled: [],
} as const satisfies Record<string, readonly string[]>;

export type ApplicationState = keyof typeof APPLICATION_MOVES;
export type LoanState = keyof typeof LOAN_MOVES;

export const APPLICATION_STATES = Object.keys(APPLICATION_MOVES) as [ApplicationState, ...ApplicationState[]];
export const LOAN_STATES = Object.keys(LOAN_MOVES) as [LoanState, ...LoanState[]];

export function applicationMayMove(from: ApplicationState, to: ApplicationState): boolean {
  return (APPLICATION_MOVES[from] as readonly string[]).includes(to);
}

export function loanMayMove(from: LoanState, to: LoanState): boolean {
  return (LOAN_MOVES[from] as readonly string[]).includes(to);
}

/** @throws LoanError illegal-transition, saying where the application stands. */
export function moveApplication(from: ApplicationState, to: ApplicationState): ApplicationState {
  if (!applicationMayMove(from, to)) {
    throw new LoanError('illegal-transition', `An application that is ${from} cannot become ${to}.`);
  }
  return to;
}

/** @throws LoanError illegal-transition, saying where the loan stands. */
export function moveLoan(from: LoanState, to: LoanState): LoanState {
  if (!loanMayMove(from, to)) {
    throw new LoanError('illegal-transition', `A loan that is ${from} cannot become ${to}.`);
  }
  return to;
}
