import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clock } from '../calendar/clock.ts';
import type { Pool, Transaction } from '../db/pools.ts';
import { inTenant, isDatabaseAway } from '../db/transaction.ts';
import { type AcceptedBatch, acceptJobs, prepareJob } from './accept.ts';
import type { Claimed, Claims } from './claim.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Context, JobDefinition, JobRequest, Services, TransactionContext } from './definition.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { RuntimeEvents } from './events.ts';
import { asOutcome, Retry } from './outcomes.ts';
import { type Registry, retryPolicy, timeoutOf } from './registry.ts';
import { headsOf } from './route.ts';
import type { Running } from './running.ts';
import { CANCELLED, type Settled, SWITCHED_OFF, settleFailure } from './settle.ts';
import type { JobView } from './types.ts';

/** One line of the audit trail about a job that came to rest. */
export interface AuditedJob {
  tenant: string;
  id: string;
  kind: string;
  key: string;
  actor: string;
  duration_ms: number;
  outcome: 'SUCCESS' | 'FAILED';
  error_code: string | null;
}

/** Writes audit lines in the transaction in which the jobs came to rest; set-based. */
export type AuditJobs = (tx: Transaction, jobs: readonly AuditedJob[]) => Promise<void>;

/** What the executors share. */
export interface Execution {
  pool: Pool;
  registry: Registry;
  events: RuntimeEvents;
  dispatcher: Dispatcher;
  deadLetters: DeadLetters;
  running: Running;
  services: Services;
  clock: Clock;
  log: Logger;
  audit: AuditJobs;
  worker: string;
  sweep_after_ms: number;
  lease_margin_ms: number;
  lease_ms_max: number;
  random: () => number;
}

const DATABASE_AWAY_RETRIES_MAX = 6;
const DATABASE_AWAY_BACKOFF_MS = 200;
/** What a transaction may take beyond its handler's time before Postgres itself ends it. */
const TRANSACTION_MARGIN_MS = 2_000;

export function transactionLimit(definition: JobDefinition): { timeout_ms: number } {
  return { timeout_ms: timeoutOf(definition) + TRANSACTION_MARGIN_MS };
}

export function timeLimit(definition: JobDefinition): { timeout_ms: number; onTimeout: () => Error } {
  const timeout_ms = timeoutOf(definition);
  return { timeout_ms, onTimeout: () => new Retry('timeout', `Took longer than ${timeout_ms} ms.`) };
}

/** Runs `work` again while the database is away (restart, failover): bounded, and nobody's attempt. */
export async function whileDatabaseReturns<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= DATABASE_AWAY_RETRIES_MAX || !isDatabaseAway(error)) throw error;
      await sleep(DATABASE_AWAY_BACKOFF_MS * 2 ** attempt * (0.5 + Math.random() / 2));
    }
  }
}

/** Jobs accepted inside a transaction, to be dispatched once it has committed. */
export class Outbox {
  readonly #execution: Pick<Execution, 'registry' | 'sweep_after_ms' | 'pool' | 'dispatcher' | 'events'>;
  readonly #tenant: string;
  readonly #actor: string;
  readonly #trace: string | null;
  #batches: AcceptedBatch[] = [];

  constructor(
    execution: Pick<Execution, 'registry' | 'sweep_after_ms' | 'pool' | 'dispatcher' | 'events'>,
    tenant: string,
    actor: string,
    trace: string | null,
  ) {
    this.#execution = execution;
    this.#tenant = tenant;
    this.#actor = actor;
    this.#trace = trace;
  }

  /** @throws Error where a request is refused: a follow-up that does not fit its kind is a bug */
  async accept(tx: Transaction, requests: readonly JobRequest[]): Promise<JobView[]> {
    const { registry, sweep_after_ms } = this.#execution;
    const jobs = requests.map((request) => {
      const { follows } = request;
      const actor = follows ? `job:${follows.id}` : this.#actor;
      const prepared = prepareJob(registry, request, actor, follows ? follows.trace : this.#trace);
      if ('status' in prepared) throw Object.assign(new Error(prepared.message), { code: prepared.code });
      return prepared;
    });
    if (jobs.length === 0) return [];
    const batch = await acceptJobs(tx, this.#tenant, jobs, sweep_after_ms);
    this.#batches.push(batch);
    return batch.acceptances.map((acceptance) => {
      if (acceptance.status === 'refused')
        throw Object.assign(new Error(acceptance.message), { code: acceptance.code });
      return acceptance.job;
    });
  }

  /** Forgets what an attempt of the transaction accepted that was rolled back. */
  clear(): void {
    this.#batches = [];
  }

  /** Where a savepoint begins. */
  mark(): number {
    return this.#batches.length;
  }

  /** Forgets what was accepted since the mark: its savepoint was rolled back. */
  rewind(mark: number): void {
    this.#batches.length = mark;
  }

  /** To be called after the commit. */
  committed(): void {
    for (const batch of this.#batches) afterAccept(this.#execution, this.#tenant, batch);
    this.#batches = [];
  }
}

/** Tells carrier and subscribers of a batch that has been committed. */
export function afterAccept(
  execution: Pick<Execution, 'pool' | 'dispatcher' | 'events'>,
  tenant: string,
  batch: AcceptedBatch,
): void {
  const counts = { accepted: new Map<string, number>(), replayed: new Map<string, number>() };
  for (const acceptance of batch.acceptances) {
    if (acceptance.status === 'refused') continue;
    const count = counts[acceptance.status];
    count.set(acceptance.job.kind, (count.get(acceptance.job.kind) ?? 0) + 1);
  }
  for (const event of ['accepted', 'replayed'] as const) {
    for (const [kind, count] of counts[event]) execution.events.emit(event, { tenant, kind, count });
  }
  execution.dispatcher.dispatch(batch.routes);
  dispatchHeads(execution, tenant, batch.orderingKeys);
}

/**
 * Dispatches the jobs whose turn it is now. Both who accepts into an ordering key and who finishes a job
 * of it call this after their own commit, so that one of the two always sees the other's work.
 */
export function dispatchHeads(
  execution: Pick<Execution, 'pool' | 'dispatcher' | 'events'>,
  tenant: string,
  orderingKeys: readonly string[],
): void {
  if (orderingKeys.length === 0) return;
  execution.dispatcher.dispatchFound(inTenant(execution.pool, tenant, (tx) => headsOf(tx, orderingKeys)));
}

/** The context of a handler that may touch the database. */
export function transactionContext(
  execution: Execution,
  definition: JobDefinition,
  tx: Transaction,
  outbox: Outbox,
  signal: AbortSignal,
): TransactionContext {
  return {
    ...context(execution, definition, signal),
    accept: async (requests) => {
      await outbox.accept(tx, requests);
    },
  };
}

export function context(execution: Execution, definition: JobDefinition, signal: AbortSignal): Context {
  const { clock, services, log } = execution;
  return { clock, services, log: log.child({ kind: definition.kind }), signal };
}

export function auditLine(job: Claimed, duration_ms: number, error_code: string | null): AuditedJob {
  const { tenant, id, kind, key, accepted_by: actor } = job;
  return {
    tenant,
    id,
    kind,
    key,
    actor,
    duration_ms,
    outcome: error_code === null ? 'SUCCESS' : 'FAILED',
    error_code,
  };
}

/** Tells subscribers of jobs that are done. */
export function announceDone(execution: Execution, jobs: readonly Claimed[]): void {
  const now = Date.now();
  for (const { tenant, kind, id, key, attempt, accepted_at } of jobs) {
    const seconds_since_accept = Math.max(0, now - accepted_at.getTime()) / 1_000;
    execution.events.emit('done', { tenant, kind, id, key, attempt, seconds_since_accept });
  }
}

/** Tells subscribers of jobs that were claimed only to be put aside. */
export function announceUnwanted(
  execution: Execution,
  claims: Pick<Claims, 'switchedOff' | 'cancelled'>,
): void {
  for (const { tenant, kind, id, key, attempt } of claims.switchedOff) {
    execution.events.emit('held', { tenant, kind, id, key, attempt, ...SWITCHED_OFF });
  }
  for (const { tenant, kind, id, key, attempt } of claims.cancelled) {
    execution.events.emit('cancelled', { tenant, kind, id, key, attempt, ...CANCELLED });
  }
}

/** Settles one job that did not end well, and sends it on its way. @returns a note for the board */
export async function fail(
  execution: Execution,
  definition: JobDefinition,
  job: Claimed,
  thrown: unknown,
  started_at: Date,
): Promise<string> {
  const outcome = asOutcome(thrown);
  const options = { ...execution, retry: retryPolicy(definition) };
  const settled = await whileDatabaseReturns(() =>
    inTenant(execution.pool, job.tenant, async (tx) => {
      const settled = await settleFailure(tx, { job, outcome, started_at }, options);
      if (settled && settled.state !== 'pending') {
        await execution.audit(tx, [auditLine(job, Date.now() - started_at.getTime(), settled.code)]);
      }
      return settled;
    }),
  );
  if (!settled) return 'moved on';
  sendOn(execution, job, settled);
  if (job.ordering_key !== null && settled.state !== 'pending')
    dispatchHeads(execution, job.tenant, [job.ordering_key]);
  return `${settled.state}: ${settled.code}`;
}

function sendOn(execution: Execution, job: Claimed, settled: Settled): void {
  const { tenant, kind, id, key } = job;
  const told = {
    tenant,
    kind,
    id,
    key,
    attempt: settled.attempt,
    code: settled.code,
    message: settled.message,
  };
  switch (settled.state) {
    case 'pending':
      execution.events.emit(settled.attempt > job.attempt ? 'retried' : 'snoozed', told);
      execution.dispatcher.dispatch([settled.route]);
      return;
    case 'dead':
      execution.events.emit('dead', told);
      void execution.deadLetters.bury([
        { ...settled.route, attempts: settled.attempt, code: settled.code, message: settled.message },
      ]);
      return;
    case 'held':
      execution.events.emit('held', told);
      return;
    default:
      execution.events.emit('cancelled', told);
  }
}
