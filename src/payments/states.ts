import type { PayoutStatus } from './gateway/gateway.ts';

/**
 * The life of a payout, one attempt to pay money out:
 *
 *   approved → submitting → pending | queued | scheduled | processing → succeeded | failed | reversed …
 *   submitting → unknown → (any of these) | suspense → settled by people
 *
 * `approved` is where it starts, in the transaction that takes the money out of the wallet. A worker makes
 * it `submitting` when key and body are stored, before the gateway hears of it. What the gateway then says
 * of it is a picture; its accepted states only move forward by rank. `unknown`: it may have been made, and
 * nobody can say; the machine repeats the same bytes with the same key, then looks it up, and after an hour
 * leaves it to people: `suspense`.
 *
 * `succeeded`, `failed` and `reversed` are settled: the outcome is known, and may still flip in the few
 * ways below, until the attempt is closed. Each flip is a compensating journal, never an edit.
 *
 *   succeeded → reversed    the bank sent it back, up to T+3 working days later
 *   failed → reversed       it had been debited after all, and came back: the books stay as they are
 *   failed → succeeded      only on what the gateway says when asked, or a statement; people look at it
 *   reversed → failed       a change of name at the gateway: the books stay as they are
 *   rejected, cancelled     final
 *
 * A new attempt is a new row with a new key. The database refuses it while an earlier one may have happened.
 */
export const PAYOUT_MOVES = {
  approved: ['submitting', 'cancelled'],
  submitting: [
    ...(['unknown', 'pending', 'queued', 'scheduled', 'processing', 'succeeded'] as const),
    ...(['failed', 'reversed', 'cancelled', 'rejected'] as const),
  ],
  unknown: [
    ...(['pending', 'queued', 'scheduled', 'processing', 'succeeded', 'failed', 'reversed'] as const),
    ...(['cancelled', 'rejected', 'suspense'] as const),
  ],
  suspense: ['succeeded', 'failed', 'reversed', 'cancelled', 'rejected'],
  pending: ['queued', 'scheduled', 'processing', 'succeeded', 'failed', 'reversed', 'cancelled', 'rejected'],
  queued: ['processing', 'succeeded', 'failed', 'reversed', 'cancelled'],
  scheduled: ['processing', 'succeeded', 'failed', 'reversed', 'cancelled'],
  processing: ['succeeded', 'failed', 'reversed'],
  succeeded: ['reversed'],
  failed: ['reversed', 'succeeded'],
  reversed: ['failed'],
  cancelled: [],
  rejected: [],
} as const satisfies Record<string, readonly string[]>;

export type PayoutState = keyof typeof PAYOUT_MOVES;
export const PAYOUT_STATES = Object.keys(PAYOUT_MOVES) as [PayoutState, ...PayoutState[]];

/** Accepted by the gateway and under way: they only move forward. */
const RANK: Partial<Record<PayoutState, number>> = { pending: 1, queued: 2, scheduled: 2, processing: 3 };

export const UNSETTLED: readonly PayoutState[] = [
  ...(['approved', 'submitting', 'unknown', 'suspense'] as const),
  ...(['pending', 'queued', 'scheduled', 'processing'] as const),
];

/**
 * The legal moves that lead from one state to another. The gateway may have reversed what it then calls failed,
 * and nobody told us of it: that is two moves.
 */
export function wayOf(from: PayoutState, to: PayoutState): readonly PayoutState[] {
  return from === 'succeeded' && to === 'failed' ? ['reversed', 'failed'] : [to];
}

export function payoutMayMove(from: PayoutState, to: PayoutState): boolean {
  return (PAYOUT_MOVES[from] as readonly string[]).includes(to);
}

/** Where a picture came from, in the order of what it is worth. */
export type Evidence = 'answer' | 'event' | 'poll' | 'statement' | 'person' | 'machine';

/** What the gateway says when asked, or has written in a statement, or people have found out. */
const FETCHED: readonly Evidence[] = ['poll', 'statement', 'person'];

/**
 * What a look is worth: while the gateway was asked the payout may have moved on here, and what it showed may be
 * older than that.
 * @param asked the state it was in when the gateway was asked
 */
export function evidenceOfLook(asked: PayoutState, stands: PayoutState): Evidence {
  return asked === stands ? 'poll' : 'answer';
}

/**
 * What a picture does to a payout that stands in `from`.
 * - `move`: a legal move.
 * - `same`: it says what we know; ids and amounts may be new.
 * - `older`: it was overtaken by a later one that we have seen: no change.
 * - `fetch`: it may be an old event or something new: ask the gateway, and go by that.
 * - `exception`: the gateway itself says what cannot be: people must look.
 */
export type Reading = 'move' | 'same' | 'older' | 'fetch' | 'exception';

export function readPayout(from: PayoutState, status: PayoutStatus, evidence: Evidence): Reading {
  const fetched = FETCHED.includes(evidence);
  if (from === status) return 'same';
  // Money that people look for, and a failure taken back: not on an event alone.
  if (!fetched && (from === 'suspense' || (from === 'failed' && status === 'succeeded'))) return 'fetch';
  if (wayOf(from, status).length > 1) return fetched ? 'move' : 'fetch';
  if (payoutMayMove(from, status)) return 'move';
  // People have it in hand until it is settled; that it was made after all is good to know.
  if (from === 'suspense' && RANK[status] !== undefined) return 'same';
  const ranks = [RANK[from], RANK[status]];
  if (ranks[0] !== undefined && ranks[1] !== undefined) return ranks[1] <= ranks[0] ? 'older' : 'move';
  // An open picture of what is settled: late, unless the gateway says so when asked.
  if (RANK[status] !== undefined) return fetched ? 'exception' : 'older';
  return fetched ? 'exception' : 'fetch';
}
