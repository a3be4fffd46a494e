import { LoanError } from './errors.ts';

/**
 * The life of an application:
 *
 *   applied → checking → offered | referred | refused
 *   offered, referred → approved | rejected
 *   applied, checking → rejected
 *
 * `applied` is where it starts, in the transaction that also accepts its credit check. The check makes it
 * `checking` before the bureau is asked, and decides: `offered` (the rules say yes), `referred` (the rules
 * cannot say; a person must look), `refused` (the rules say no, with codes). A person other than the one
 * who applied makes it `approved`, which opens the loan in the same transaction, or `rejected`; rejecting
 * may come at any time before. `refused`, `approved` and `rejected` are final.
 */
export const APPLICATION_MOVES = {
  applied: ['checking', 'rejected'],
  checking: ['offered', 'referred', 'refused', 'rejected'],
  offered: ['approved', 'rejected'],
  referred: ['approved', 'rejected'],
  refused: [],
  approved: [],
  rejected: [],
} as const satisfies Record<string, readonly string[]>;

/**
 * The life of a loan:
 *
 *   disbursing → active → closed
 *
 * Approval opens it `disbursing`: nothing owed yet, the disbursal job on its way. The disbursal makes it
 * `active` in the transaction that pays the principal into the wallet and writes the schedule. The
 * repayment that pays the last instalment makes it `closed`, which is final.
 */
export const LOAN_MOVES = {
  disbursing: ['active'],
  active: ['closed'],
  closed: [],
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
