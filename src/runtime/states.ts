import type { JobState } from './types.ts';

/**
 * The life of a job. Postgres remembers, BullMQ carries: each move below is one committed change of the
 * job's row, and whoever makes it holds the row's lock. A process that dies in the middle has made none.
 *
 *   pending    Accepted; waiting for its time (run_at), its turn (ordering_key) or its next attempt. A
 *              staged job stays pending under a lease while its call to the outside world is under way.
 *     → done       the handler returned; effects, result and this move are one commit
 *     → pending    Retry with attempts left (attempt + 1), or Snooze (no attempt); run_at moves on
 *     → dead       Retry without attempts left; Refuse; or the carrier lost it lost_dispatches_max times
 *                  in a row, which a job that kills its worker looks like
 *     → held       Hold; or its kind's kill switch was on when a worker claimed it
 *     → cancelled  Cancel; or somebody's wish, granted at once or when the handler heeds its AbortSignal
 *   held       No machine may try it now.
 *     → pending    release, or the kill switch was cleared
 *     → done       settled by its domain: what it waited to learn is known, and committed with it
 *     → cancelled  cancel
 *   dead       On its queue's dead-letter queue.
 *     → pending    redrive: same id, same key, fresh attempts, history kept
 *     → cancelled  drop: a person decided that it shall never run
 *   done, cancelled   For ever. Past the retention the row moves to the archive; the key still answers.
 */
export const MOVES: Readonly<Record<JobState, readonly JobState[]>> = {
  pending: ['done', 'pending', 'dead', 'held', 'cancelled'],
  held: ['pending', 'done', 'cancelled'],
  dead: ['pending', 'cancelled'],
  done: [],
  cancelled: [],
};
