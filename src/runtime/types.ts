import type { Queue } from 'bullmq';
import type { Pool, Transaction } from '../db/pools.ts';
import type { JobDefinition, JobRequest } from './definition.ts';
import type { RuntimeEvents } from './events.ts';
import type { Registry } from './registry.ts';

export const JOB_STATES = ['pending', 'done', 'dead', 'held', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A job at rest moves no more by itself. */
export const RESTING_STATES: readonly JobState[] = ['done', 'dead', 'held', 'cancelled'];

/** A job as the API, the CLI and the board show it. */
export interface JobView {
  id: string;
  tenant: string;
  kind: string;
  queue: string;
  key: string;
  state: JobState;
  priority: number;
  /** Failed attempts so far, and how many are allowed before it is dead. */
  attempt: number;
  attempt_limit: number;
  /** Why it is dead, held or cancelled, or how its last attempt failed. */
  code: string | null;
  message: string | null;
  result: unknown;
  accepted_by: string;
  accepted_at: Date;
  run_at: Date;
  rested_at: Date | null;
}

export interface AttemptView {
  attempt: number;
  worker: string;
  started_at: Date;
  ended_at: Date;
  word: string;
  code: string;
  message: string;
}

/** What became of one request to accept a job. Refused requests changed nothing. */
export type Acceptance =
  | { status: 'accepted' | 'replayed'; job: JobView }
  | {
      status: 'refused';
      code: 'unknown-kind' | 'invalid-payload' | 'invalid-key' | 'idempotency-conflict';
      message: string;
      /** For invalid-payload: which fields, as JSON pointers. */
      issues?: { pointer: string; message: string }[];
    };

export interface JobFilter {
  kind?: string | undefined;
  state?: JobState | undefined;
  key?: string | undefined;
  /** Id after which the page starts; jobs come newest first. */
  after?: string | undefined;
  limit: number;
}

/** Accepts follow-up jobs inside a transaction; throws where one is refused. */
export type AcceptInTransaction = (requests: JobRequest[]) => Promise<JobView[]>;

/** A wish that somebody else must agree to first; it has been put down, or stands there, as an approval. */
export interface Barred {
  done: false;
  code: 'approval-required';
  message: string;
  /** The approval's id. */
  approval: string;
}

/** Outcome of an operator's wish on one job. */
export type Wish =
  | { done: true; job: JobView }
  | { done: false; code: 'not-found' | 'illegal-transition'; message: string }
  | Barred;

/**
 * Says which wishes are barred until somebody else agrees, and puts those down in the same transaction.
 * The runtime knows no more of approvals than this; what was approved goes around it (InTransaction).
 */
export interface Guard {
  redrive(tx: Transaction, tenant: string, id: string, actor: string): Promise<Barred | null>;
  setSwitch(
    tx: Transaction,
    tenant: string,
    kind: string,
    reason: string,
    actor: string,
  ): Promise<Barred | null>;
  clearSwitch(tx: Transaction, tenant: string, kind: string, actor: string): Promise<Barred | null>;
}

/**
 * What the runtime does inside a transaction of its caller's, without asking a guard. The carrier hears
 * of it after the commit.
 */
export interface InTransaction {
  accept: AcceptInTransaction;
  redrive(id: string): Promise<Wish>;
  setSwitch(kind: string, reason: string): Promise<void>;
  clearSwitch(kind: string): Promise<void>;
  /** Lets jobs of a kind that are held under a code go on, oldest first, 1,000 at most. @returns how many */
  releaseHeld(kind: string, code: string, every_ms: number): Promise<number>;
  /** A savepoint: where `work` throws, nothing of it stays, jobs it accepted included. */
  attempt<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
}

export interface KillSwitch {
  tenant: string;
  kind: string;
  reason: string;
  set_by: string;
  set_at: Date;
}

/** The runtime as API, CLI, board and tests use it. */
export interface Runtime {
  readonly registry: Registry;
  readonly pool: Pool;
  /** Acts as kist_carrier: the routing columns of every tenant's jobs. */
  readonly carrierPool: Pool;
  readonly events: RuntimeEvents;

  /** Accepts 1 … 1,000 jobs; concurrent calls of one tenant share a commit. Dispatches what it accepted. */
  submit(tenant: string, actor: string, requests: JobRequest[], trace?: string): Promise<Acceptance[]>;
  /** One transaction of a tenant in which effects and the jobs that follow from them are committed together. */
  transact<T>(
    tenant: string,
    actor: string,
    work: (tx: Transaction, accept: AcceptInTransaction, unit: InTransaction) => Promise<T>,
  ): Promise<T>;

  find(tenant: string, id: string): Promise<JobView | null>;
  attempts(tenant: string, id: string): Promise<AttemptView[]>;
  list(tenant: string, filter: JobFilter): Promise<JobView[]>;
  /** The job once it rests, or as it stands after `timeout_ms`; null where there is no such job. */
  waitForRest(tenant: string, id: string, timeout_ms: number): Promise<JobView | null>;

  /** Cancels a waiting job at once; a running one is told through its AbortSignal. */
  cancel(tenant: string, id: string, actor: string): Promise<Wish>;
  /** dead → pending, with fresh attempts; may be barred. */
  redrive(tenant: string, id: string, actor: string): Promise<Wish>;
  /** held → pending. */
  release(tenant: string, id: string, actor: string): Promise<Wish>;
  /** dead → cancelled: a person decided that it shall never run. */
  drop(tenant: string, id: string, actor: string): Promise<Wish>;

  /** Jobs of the kind ('*': every kind) wait, held, until the switch is cleared. @returns null unless barred */
  setSwitch(tenant: string, kind: string, reason: string, actor: string): Promise<Barred | null>;
  clearSwitch(tenant: string, kind: string, actor: string): Promise<Barred | null>;
  switches(tenant: string): Promise<KillSwitch[]>;

  /** Every carrier queue, dead-letter queues included, for the board and for metrics. */
  carrierQueues(): { queue: Queue; definitions: JobDefinition[]; dead: boolean }[];

  /** Begins to claim and run jobs of the queues given (default: all). Refuses while open rows have no handler. */
  startWorkers(queues?: string[]): Promise<void>;
  /** Begins to tick schedules and to sweep. */
  startClock(): Promise<void>;
  /** Accepts the schedule runs that are due now. @returns how many. */
  runSchedules(): Promise<number>;
  /** One sweep. @returns how many jobs it dispatched again. */
  sweep(): Promise<number>;
  /** False when the carrier does not answer within `timeout_ms`. */
  carrierAnswers(timeout_ms: number): Promise<boolean>;
  /** Stops claiming, finishes or gives back what is held, closes connections; within `deadline_ms`. */
  stop(deadline_ms?: number): Promise<void>;
}
