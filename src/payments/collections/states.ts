import type { PaymentStatus } from '../gateway/gateway.ts';
import type { Evidence, Reading } from '../states.ts';

/**
 * The life of a collection, one payment of a borrower's as a gateway knows it:
 *
 *   created → authorized → captured → settled → refunded
 *   created, authorized → failed → authorized → captured      late authorisation: the bank said yes after all
 *   authorized, failed → auto-refunded                        not captured in time: it was never ours
 *   captured, settled → disputed → won | lost
 *   captured, settled, won, disputed → reversed               the bank or the gateway gave it back by itself
 *
 * `created` is where it starts; the order that it pays is `attempted` with it. Money is ours from `captured`
 * on: in that transaction it becomes a repayment, or lies unallocated. `settled`: the reconciliation saw it in
 * a settlement. `refunded`: we gave all of it back; a part given back changes the amounts alone. `won` is as
 * `captured`. A flip is a compensating journal, never an edit.
 */
export const COLLECTION_MOVES = {
  created: ['authorized', 'captured', 'failed', 'auto-refunded'],
  authorized: ['captured', 'failed', 'auto-refunded'],
  failed: ['authorized', 'captured', 'auto-refunded'],
  captured: ['settled', 'disputed', 'refunded', 'reversed'],
  settled: ['disputed', 'refunded', 'reversed'],
  disputed: ['won', 'lost', 'reversed'],
  won: ['settled', 'disputed', 'refunded', 'reversed'],
  lost: [],
  refunded: [],
  reversed: [],
  'auto-refunded': [],
} as const satisfies Record<string, readonly string[]>;
export type CollectionState = keyof typeof COLLECTION_MOVES;
export const COLLECTION_STATES = Object.keys(COLLECTION_MOVES) as [CollectionState, ...CollectionState[]];

/**
 * One presentment of a mandate: presenting → pending → captured | bounced. `unknown`: it may have been
 * presented; only what the gateway says of its order resolves it. A bounced one may be captured yet (late
 * authorisation). `returned`: captured, and taken back later. Another attempt is another row.
 */
export const DEBIT_MOVES = {
  created: ['presenting', 'bounced'],
  presenting: ['created', 'pending', 'unknown', 'captured', 'bounced'],
  unknown: ['pending', 'captured', 'bounced'],
  pending: ['captured', 'bounced'],
  bounced: ['pending', 'captured'],
  captured: ['returned'],
  returned: [],
} as const satisfies Record<string, readonly string[]>;
export type DebitState = keyof typeof DEBIT_MOVES;
export const DEBIT_STATES = Object.keys(DEBIT_MOVES) as [DebitState, ...DebitState[]];

/** One attempt to give money back. Another attempt, after `failed`, is another row with another key. */
export const REFUND_MOVES = {
  requested: ['pending', 'processed', 'failed', 'unknown', 'suspense'],
  unknown: ['pending', 'processed', 'failed', 'suspense'],
  suspense: ['pending', 'processed', 'failed'],
  pending: ['processed', 'failed'],
  processed: [],
  failed: [],
} as const satisfies Record<string, readonly string[]>;
export type RefundState = keyof typeof REFUND_MOVES;
export const REFUND_STATES = Object.keys(REFUND_MOVES) as [RefundState, ...RefundState[]];

export const DISPUTE_MOVES = {
  open: ['under-review', 'won', 'lost'],
  'under-review': ['won', 'lost'],
  won: [],
  lost: [],
} as const satisfies Record<string, readonly string[]>;
export type DisputeState = keyof typeof DISPUTE_MOVES;
export const DISPUTE_STATES = Object.keys(DISPUTE_MOVES) as [DisputeState, ...DisputeState[]];

/** Whether a table of moves has this one. */
export function mayMove<State extends string>(
  moves: Readonly<Record<State, readonly string[]>>,
  from: State,
  to: State,
): boolean {
  return moves[from].includes(to);
}

/** What the gateway says when asked, or has written in a statement, or people have found out. */
export function isFetched(evidence: Evidence): boolean {
  return evidence === 'poll' || evidence === 'statement' || evidence === 'person';
}

/** The money is, or was, ours. */
const AFTER_CAPTURE: readonly CollectionState[] = [
  ...(['captured', 'settled', 'disputed', 'won', 'lost', 'refunded'] as const),
];

/**
 * What a picture of a payment does to a collection that stands in `from` (Reading says what each word means).
 * Forward by rank on any evidence. Between authorized and failed an event may be old or new, and what was
 * given back decides over a loan: for these the gateway is asked, and its answer counts.
 */
export function readPayment(from: CollectionState, status: PaymentStatus, evidence: Evidence): Reading {
  const fetched = isFetched(evidence);
  if (status === 'refunded') {
    if (from === 'refunded' || from === 'reversed' || from === 'auto-refunded') return 'same';
    if (from === 'lost') return 'older';
    return fetched ? 'move' : 'fetch';
  }
  if (from === status) return 'same';
  if (from === 'created' || (from === 'authorized' && status === 'captured')) return 'move';
  if (from === 'failed' && status === 'captured') return 'move';
  if (from === 'authorized' && status === 'failed') return fetched ? 'move' : 'fetch';
  if (from === 'failed' && status === 'authorized') return fetched ? 'move' : 'fetch';
  if (status === 'created' || status === 'authorized') return 'older';
  if (status === 'captured' && AFTER_CAPTURE.includes(from)) return 'same';
  // Captured of what was given back, or failed of what was captured: overtaken, or it cannot be.
  return fetched ? 'exception' : 'fetch';
}

export function readRefund(
  from: RefundState,
  status: 'pending' | 'processed' | 'failed',
  evidence: Evidence,
): Reading {
  if (from === status) return 'same';
  if (mayMove(REFUND_MOVES, from, status)) return 'move';
  if (status === 'pending') return 'older';
  return isFetched(evidence) ? 'exception' : 'fetch';
}

export function readDispute(from: DisputeState, status: DisputeState, evidence: Evidence): Reading {
  if (from === status) return 'same';
  if (mayMove(DISPUTE_MOVES, from, status)) return 'move';
  if (status === 'open' || status === 'under-review') return 'older';
  return isFetched(evidence) ? 'exception' : 'fetch';
}
