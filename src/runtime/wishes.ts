import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { findJob, viewRow } from './queries.ts';
import { ROUTE_COLUMNS, type Route, routeRow } from './route.ts';
import { MOVES } from './states.ts';
import type { JobState, JobView, Wish } from './types.ts';

/** The moves that people make, each from the states it is legal in. */
export type WishName = 'redrive' | 'release' | 'drop';

const WISHES: Record<WishName, { from: JobState; to: JobState }> = {
  redrive: { from: 'dead', to: 'pending' },
  release: { from: 'held', to: 'pending' },
  drop: { from: 'dead', to: 'cancelled' },
};

/** A stopping worker waits this long for a run of its own to let go of its row. */
const GIVE_BACK_LOCK_MS = 1_000;

export interface Granted {
  wish: Wish;
  /** As it was before: what the dead-letter queue knows it by. */
  before?: Route;
  /** Where to send the job now. */
  route?: Route;
  ordering_key?: string | null;
}

const REFUSED_NOT_FOUND: Wish = { done: false, code: 'not-found', message: 'There is no such job.' };

/** Makes a person's move on one job, if its state allows it. Redrive grants fresh attempts. */
export async function grant(
  tx: Transaction,
  id: string,
  name: WishName,
  options: { attempts: number; actor: string; sweep_after_ms: number },
): Promise<Granted> {
  const { from, to } = WISHES[name];
  if (!MOVES[from].includes(to)) throw new Error(`${from} → ${to} is no move of a job.`);
  const before = await tx.maybeOne(sql.type(routeRow)`
    SELECT ${ROUTE_COLUMNS} FROM job
    WHERE tenant_id = current_tenant() AND id = ${id} AND state = ${from} FOR NO KEY UPDATE`);
  if (!before) return { wish: await refusal(tx, id, name, from) };
  const waits = to === 'pending';
  await tx.query(sql.unsafe`
    UPDATE job SET
      state = ${to}, dispatch_number = dispatch_number + 1, lost_dispatches = 0,
      attempt_limit = CASE WHEN ${name} = 'redrive' THEN attempt + ${options.attempts} ELSE attempt_limit END,
      run_at = CASE WHEN ${waits} THEN clock_timestamp() ELSE run_at END,
      sweep_at = CASE WHEN ${waits} THEN clock_timestamp() + ${options.sweep_after_ms} * interval '1 millisecond' END,
      rested_at = CASE WHEN ${waits} THEN NULL ELSE clock_timestamp() END,
      code = CASE WHEN ${waits} THEN code ELSE 'dropped' END,
      message = CASE WHEN ${waits} THEN message ELSE ${`Dropped by ${options.actor}.`} END
    WHERE tenant_id = current_tenant() AND id = ${id}`);
  // A wish to cancel the run that ended here is not one to cancel the run that begins.
  await tx.query(sql.unsafe`
    DELETE FROM job_cancellation WHERE tenant_id = current_tenant() AND job_id = ${id}`);
  return { ...(await afterwards(tx, id)), before };
}

async function refusal(tx: Transaction, id: string, name: string, from: string): Promise<Wish> {
  const job = await findJob(tx, id);
  if (!job) return REFUSED_NOT_FOUND;
  return {
    done: false,
    code: 'illegal-transition',
    message: `To ${name} a job it must be ${from}; this one is ${job.state}.`,
  };
}

const afterRow = viewRow.extend(routeRow.shape).extend({ ordering_key: z.string().nullable() });

async function afterwards(tx: Transaction, id: string): Promise<Granted> {
  const row = await tx.one(sql.type(afterRow)`
    SELECT ${ROUTE_COLUMNS}, job.state, job.attempt, job.attempt_limit, job.code, job.message, job.result,
           job.accepted_by, job.accepted_at, job.run_at, job.rested_at, job.ordering_key
    FROM job WHERE tenant_id = current_tenant() AND id = ${id}`);
  const { dispatch_number, delay_ms, alone, trace, ordering_key, ...view } = row;
  const { tenant, kind, queue, key, priority } = view;
  return {
    wish: { done: true, job: view as JobView },
    route: { tenant, id, kind, queue, key, priority, dispatch_number, delay_ms, alone, trace },
    ordering_key,
  };
}

/** A sweeper or a dispatch holds a row for a moment; a worker, for as long as the job runs. */
const CANCEL_TRIES_MAX = 4;
const CANCEL_PAUSE_MS = 25;

/**
 * Cancels a job that waits or is held. One that a worker holds at the moment is asked for through
 * job_cancellation, which its worker watches and every claim heeds.
 */
export async function cancelJob(tx: Transaction, id: string, actor: string): Promise<Granted> {
  for (let attempt = 1; attempt <= CANCEL_TRIES_MAX; attempt += 1) {
    if (await cancelWaiting(tx, id, actor)) return afterwards(tx, id);
    const job = await findJob(tx, id);
    if (!job) return { wish: REFUSED_NOT_FOUND };
    if (job.state !== 'pending' && job.state !== 'held') {
      const message = `To cancel a job it must be pending or held; this one is ${job.state}.`;
      return { wish: { done: false, code: 'illegal-transition', message } };
    }
    if (attempt < CANCEL_TRIES_MAX) await pause(CANCEL_PAUSE_MS);
  }
  await tx.query(sql.unsafe`
    INSERT INTO job_cancellation (tenant_id, job_id, requested_by) VALUES (current_tenant(), ${id}, ${actor})
    ON CONFLICT DO NOTHING`);
  const job = await findJob(tx, id);
  return { wish: job ? { done: true, job } : REFUSED_NOT_FOUND };
}

/** @returns false when the job is not waiting, or somebody holds its row */
async function cancelWaiting(tx: Transaction, id: string, actor: string): Promise<boolean> {
  const cancelled = await tx.maybeOne(sql.type(z.object({ id: z.string() }))`
    WITH waiting AS (
      SELECT id AS waiting_id FROM job
      WHERE tenant_id = current_tenant() AND id = ${id} AND state IN ('pending', 'held')
        AND (lease_until IS NULL OR lease_until <= clock_timestamp())
      FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE job SET state = 'cancelled', code = 'cancelled', message = ${`Cancelled by ${actor}.`}, sweep_at = NULL,
                   rested_at = clock_timestamp()
    FROM waiting WHERE tenant_id = current_tenant() AND id = waiting_id
    RETURNING id`);
  return cancelled !== null;
}

/** Which of the given running jobs somebody wishes to cancel. */
export function wishedCancelled(tx: Transaction, ids: readonly string[]): Promise<readonly string[]> {
  return tx.anyFirst(sql.type(z.object({ job_id: z.string() }))`
    SELECT job_id FROM job_cancellation
    WHERE tenant_id = current_tenant() AND job_id = ANY(${sql.array([...ids], 'uuid')})`);
}

/**
 * Lets the sweeper bring jobs back at once that this worker held and could not finish. One that only
 * waited here may be a twin of a staged job that another worker has called out for: that lease stands.
 * The sweep that finds them counts one loss, which is taken back here: a deployment is no job's fault.
 */
export async function giveBack(
  tx: Transaction,
  ids: readonly string[],
  lease: 'ours' | "another's",
): Promise<void> {
  const free =
    lease === 'ours' ? sql.fragment`true` : sql.fragment`(lease_until IS NULL OR lease_until <= now())`;
  await tx.query(sql.unsafe`SELECT set_config('lock_timeout', ${String(GIVE_BACK_LOCK_MS)}, true)`);
  await tx.query(sql.unsafe`
    UPDATE job SET sweep_at = clock_timestamp(), lease_until = NULL, lease_token = NULL,
                   lost_dispatches = lost_dispatches - 1
    WHERE tenant_id = current_tenant() AND id = ANY(${sql.array([...ids], 'uuid')}) AND state = 'pending' AND ${free}`);
}
