import { sql } from 'slonik';
import { z } from 'zod';
import { listOf } from '../db/lists.ts';
import type { Transaction } from '../db/pools.ts';
import type { Claimed, Claims } from './claim.ts';
import type { RetryPolicy } from './definition.ts';
import type { Outcome } from './outcomes.ts';
import { Retry, Snooze } from './outcomes.ts';
import { ROUTE_COLUMNS, type Route, routeRow } from './route.ts';
import type { JobState } from './types.ts';

const MESSAGE_LENGTH_MAX = 2_000;

export const SWITCHED_OFF = { code: 'kill-switch', message: 'The kill switch of this kind is on.' } as const;
export const CANCELLED = { code: 'cancelled', message: 'Cancelled on request.' } as const;

/** done, with its result; for jobs that this transaction has claimed. */
export async function settleDone(
  tx: Transaction,
  done: ReadonlyArray<{ id: string; result: unknown }>,
): Promise<void> {
  const ids = listOf(
    done.map(({ id }) => id),
    'uuid',
  );
  const results = listOf(
    done.map(({ result }) => JSON.stringify(result ?? null)),
    'text',
  );
  await tx.query(sql.prepared(`settle_${ids.size}_done`, z.object({}))`
    UPDATE job SET state = 'done', result = settled.result::jsonb, rested_at = clock_timestamp(), sweep_at = NULL,
                   code = NULL, message = NULL, intent = NULL, lease_token = NULL, lease_until = NULL
    FROM unnest(${ids.values}, ${results.values}) AS settled (id, result)
    WHERE job.tenant_id = current_tenant() AND job.id = settled.id`);
}

/**
 * held → done, for the domain whose job it is: what the job could not learn is known now, in this
 * transaction. One that is on its way to be held, or is looked into once more, is done as well: its worker finds
 * that it moved on. One that rests otherwise, or does not stand there, is left alone.
 */
export async function settleHeld(
  tx: Transaction,
  { kind, key, result }: { kind: string; key: string; result: unknown },
): Promise<void> {
  await tx.query(sql.unsafe`
    UPDATE job SET state = 'done', result = ${JSON.stringify(result)}::jsonb, rested_at = clock_timestamp(),
                   sweep_at = NULL, code = NULL, message = NULL, intent = NULL, lease_token = NULL,
                   lease_until = NULL
    WHERE tenant_id = current_tenant() AND kind = ${kind} AND key = ${key} AND state IN ('held', 'pending')`);
}

/** Claimed jobs that shall not run: cancelled on request, or held until their kill switch is cleared. */
export async function settleUnwanted(
  tx: Transaction,
  claims: Pick<Claims, 'switchedOff' | 'cancelled'>,
): Promise<void> {
  const { switchedOff, cancelled } = claims;
  if (switchedOff.length > 0) await rest(tx, switchedOff, 'held', SWITCHED_OFF.code, SWITCHED_OFF.message);
  if (cancelled.length === 0) return;
  await rest(tx, cancelled, 'cancelled', CANCELLED.code, CANCELLED.message);
  await tx.query(sql.unsafe`
    DELETE FROM job_cancellation
    WHERE tenant_id = current_tenant() AND job_id = ANY(${idsOf(cancelled)})`);
}

function idsOf(jobs: readonly { id: string }[]) {
  return sql.array(
    jobs.map(({ id }) => id),
    'uuid',
  );
}

async function rest(
  tx: Transaction,
  jobs: readonly Claimed[],
  state: JobState,
  code: string,
  message: string,
): Promise<void> {
  await tx.query(sql.unsafe`
    UPDATE job SET state = ${state}, code = ${code}, message = ${message}, rested_at = clock_timestamp(), sweep_at = NULL,
                   lease_token = NULL, lease_until = NULL
    WHERE tenant_id = current_tenant() AND id = ANY(${idsOf(jobs)})`);
}

export interface Failure {
  job: Claimed;
  outcome: Outcome;
  started_at: Date;
}

export interface Settled {
  state: JobState;
  /** Failed attempts, this one included. */
  attempt: number;
  code: string;
  message: string;
  /** Where to send it next: to its queue again, or to the dead-letter queue. */
  route: Route;
}

export interface FailureOptions {
  worker: string;
  retry: RetryPolicy;
  sweep_after_ms: number;
  /** Full jitter's dice: 0 … 1. */
  random: () => number;
}

/**
 * What an outcome other than done makes of a job, and the attempt's row beside it.
 * @returns null when the job moved on meanwhile (a twin was faster, the lease was lost)
 */
export async function settleFailure(
  tx: Transaction,
  failure: Failure,
  options: FailureOptions,
): Promise<Settled | null> {
  const { job, outcome, started_at } = failure;
  const state = stateAfter(outcome, job.attempt + 1, job.attempt_limit);
  const counts = outcome.word !== 'snooze' && outcome.word !== 'cancel';
  const wait_ms = state === 'pending' ? waitOf(outcome, job.attempt, options) : 0;
  const message = outcome.message.replaceAll('\0', '').toWellFormed().slice(0, MESSAGE_LENGTH_MAX);
  const row = await tx.maybeOne(sql.type(routeRow.extend({ attempt: z.number() }))`
    WITH settled AS (
      UPDATE job SET
        state = ${state}, attempt = attempt + ${counts ? 1 : 0}, code = ${outcome.code}, message = ${message},
        dispatch_number = dispatch_number + 1, lost_dispatches = 0, lease_token = NULL, lease_until = NULL,
        run_at = CASE WHEN ${state} = 'pending'
                      THEN clock_timestamp() + ${wait_ms} * interval '1 millisecond' ELSE run_at END,
        sweep_at = CASE WHEN ${state} = 'pending'
                        THEN clock_timestamp() + ${wait_ms + options.sweep_after_ms} * interval '1 millisecond'
                        -- By then it lies on its dead-letter queue, or the sweeper lays it there.
                        WHEN ${state} = 'dead'
                        THEN clock_timestamp() + ${options.sweep_after_ms} * interval '1 millisecond' END,
        rested_at = CASE WHEN ${state} <> 'pending' THEN clock_timestamp() END
      WHERE tenant_id = current_tenant() AND id = ${job.id} AND state = 'pending' AND attempt = ${job.attempt}
        AND lease_token IS NOT DISTINCT FROM ${job.lease_token}
      RETURNING *
    ), noted AS (
      INSERT INTO job_attempt (tenant_id, job_id, attempt, worker, started_at, word, code, message)
      SELECT tenant_id, id, attempt, ${options.worker}, ${started_at.toISOString()}, ${outcome.word}, code, message
      FROM settled WHERE ${counts}
    )
    SELECT ${ROUTE_COLUMNS}, job.attempt FROM settled AS job`);
  if (!row) return null;
  const { attempt, ...route } = row;
  return { state, attempt, code: outcome.code, message, route };
}

function stateAfter(outcome: Outcome, attempts: number, attempt_limit: number): JobState {
  switch (outcome.word) {
    case 'refuse':
      return 'dead';
    case 'hold':
      return 'held';
    case 'cancel':
      return 'cancelled';
    case 'snooze':
      return 'pending';
    case 'retry':
      return attempts >= attempt_limit ? 'dead' : 'pending';
  }
}

function waitOf(outcome: Outcome, attempt: number, { retry, random }: FailureOptions): number {
  if (outcome instanceof Snooze) return outcome.after_ms;
  if (outcome instanceof Retry && outcome.after_ms !== undefined)
    return Math.min(outcome.after_ms, retry.backoff_ms_max);
  return backoff(attempt, retry, random);
}

/** Full jitter: anything from nothing to the capped exponential, so that retries never come in herds. */
export function backoff(attempt: number, retry: RetryPolicy, random: () => number): number {
  const ceiling = Math.min(retry.backoff_ms * 2 ** Math.min(attempt, 30), retry.backoff_ms_max);
  return Math.round(random() * ceiling);
}
