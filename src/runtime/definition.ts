import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Clock } from '../calendar/clock.ts';
import type { Transaction } from '../db/pools.ts';
import type { Outcome } from './outcomes.ts';

/**
 * What handlers may reach besides the database: domains add their members by declaration merging, and
 * the program that starts the runtime provides them.
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging where each service is made
export interface Services {}

/** A job as its handler sees it: payload parsed and brought to the current version. */
export interface Job<Payload> {
  readonly tenant: string;
  readonly id: string;
  readonly kind: string;
  readonly key: string;
  readonly payload: Payload;
  /** Failed attempts before this one. */
  readonly attempt: number;
  /** Who asked: `service:NAME`, `operator:NAME`, `job:ID`, `schedule:NAME`. */
  readonly accepted_by: string;
  readonly accepted_at: Date;
  readonly trace: string | null;
}

/** A request that work be done; accepted together with the effects it follows from. */
export interface JobRequest {
  kind: string;
  payload: unknown;
  /** Defaults to what the kind derives from the payload. */
  key?: string;
  /** 0 (default) runs first, 1000 last. */
  priority?: number;
  /** Not before this instant of the database's clock. */
  run_at?: Date;
  /** The job it follows from: it is accepted in that job's name, and goes on with its trace. */
  follows?: Pick<Job<unknown>, 'id' | 'trace'>;
}

export interface Context {
  readonly clock: Clock;
  readonly services: Services;
  readonly log: Logger;
  /** Aborted when the job is cancelled, runs out of time, or the worker must stop. */
  readonly signal: AbortSignal;
}

export interface TransactionContext extends Context {
  /** Accepts follow-up jobs in this same transaction; they are dispatched after it commits. */
  accept(requests: JobRequest[]): Promise<void>;
}

export interface CallContext extends Context {
  /** The same on every try of a job. */
  provider_key: string;
  /** An earlier attempt stored the intent: the provider may have heard of it. */
  resumed: boolean;
  /** Failed attempts before this one. */
  attempt: number;
  /** A short transaction of the job's tenant before or after talking to the outside: no effect of the job. */
  transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
}

export interface RetryPolicy {
  attempts: number;
  backoff_ms: number;
  backoff_ms_max: number;
}

interface Common<Payload extends z.ZodType, Result extends z.ZodType> {
  /** `noun.verb`, unique, stable for ever. */
  kind: string;
  /** kebab-case; its dead letters are on `<queue>-dead`. */
  queue: string;
  summary: string;
  payload: Payload;
  result: Result;
  /** Version of the payload schema that callers write today; starts at 1. */
  version?: number;
  /** upcast[n] turns a payload of version n into one of version n + 1. */
  upcast?: Record<number, (payload: never) => unknown>;
  /** The idempotency key of a payload, where the caller gives none; unique per tenant and kind for ever. */
  key: (payload: z.output<Payload>) => string;
  /** Jobs of one ordering key run one at a time, in order of acceptance; null: in any. Unique per tenant, over kinds. */
  ordering_key?: (payload: z.output<Payload>) => string | null;
  /** Whether a dead or held job bars the later ones of its ordering key, or lets them pass (default). */
  when_head_rests?: 'pass' | 'block';
  retry?: Partial<RetryPolicy>;
  /** One attempt, or one call of a staged job, may take this long. Default 30 s. */
  timeout_ms?: number;
  /** Runs (groups or staged calls) at once in one worker process. Default 2 grouped, 16 staged. */
  concurrency?: number;
  /** Scope a service needs to enqueue it; defaults to `jobs:<kind>`. */
  scope?: string;
  /** Set where a run moves money: kill switches, approvals and the board treat such kinds with more care. */
  moves_money?: boolean;
  /** False: accepted only by Kist itself (schedules, other jobs), never over the API. */
  public?: boolean;
}

/** Postgres only. `run` gets 1 … group_max jobs of one tenant and answers each, in the order given. */
export interface AtomicDefinition<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType>
  extends Common<P, R> {
  mode: 'atomic';
  /** Default 64; 1 for handlers that cannot work set-based. */
  group_max?: number;
  run(
    tx: Transaction,
    jobs: readonly Job<z.output<P>>[],
    context: TransactionContext,
  ): Promise<ReadonlyArray<z.input<R> | Outcome>>;
}

/** What `prepare` returns where nobody is to be asked: the job is done in that same transaction. */
export class Finished<Result> {
  readonly result: Result;

  constructor(result: Result) {
    this.result = result;
  }
}

/**
 * The outside world. `prepare` stores the intent; `call` runs with no transaction open and may be
 * repeated after a crash with the same intent and provider key; `settle` writes the effects.
 */
export interface StagedDefinition<
  P extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
  Intent = unknown,
  Answer = unknown,
> extends Common<P, R> {
  mode: 'staged';
  /** Answering with an outcome ends the attempt like throwing it, but what was written stays. */
  prepare(
    tx: Transaction,
    job: Job<z.output<P>>,
    context: TransactionContext,
  ): Promise<Intent | Finished<z.input<R>> | Outcome>;
  call(intent: Intent, call: CallContext): Promise<Answer>;
  settle(
    tx: Transaction,
    job: Job<z.output<P>>,
    answer: Answer,
    context: TransactionContext & { intent: Intent },
  ): Promise<z.input<R>>;
}

export type JobDefinition = AtomicDefinition | StagedDefinition;

/** Work that every business date brings, per tenant. */
export interface ScheduleDefinition {
  name: string;
  summary: string;
  kind: string;
  /** Local time of the tenant, `HH:MM`, from which the run of a business date is due. */
  at: string;
  payload: (run: { tenant: string; business_date: string }) => unknown;
}

/** Checks a definition's types where it is written and returns it unchanged. */
export function defineAtomic<P extends z.ZodType, R extends z.ZodType>(
  definition: Omit<AtomicDefinition<P, R>, 'mode'>,
): AtomicDefinition<P, R> {
  return { mode: 'atomic', ...definition };
}

export function defineStaged<P extends z.ZodType, R extends z.ZodType, Intent, Answer>(
  definition: Omit<StagedDefinition<P, R, Intent, Answer>, 'mode'>,
): StagedDefinition<P, R, Intent, Answer> {
  return { mode: 'staged', ...definition };
}

export function defineSchedule(definition: ScheduleDefinition): ScheduleDefinition {
  return definition;
}
