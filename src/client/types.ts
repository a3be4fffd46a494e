import type { KistError } from './error.ts';

/** What kinds of job there are: JobKinds, or a map of one's own for an installation with other jobs. */
export type KindMap = Record<string, { payload: unknown; result: unknown }>;

export type KindOf<Kinds extends KindMap> = keyof Kinds & string;

export type JobState = 'pending' | 'done' | 'dead' | 'held' | 'cancelled';

export interface EnqueueOptions {
  /**
   * The idempotency key, where the kind's own shall not count. Leave it out otherwise: Kist derives one
   * from the payload, so that even two callers who do not know each other do the work once.
   */
  key?: string;
  /** 0 (default) runs first, 1000 last. */
  priority?: number;
  /** Not before this instant. */
  run_at?: Date;
}

/** One job of enqueueMany. */
export type JobSpec<Kinds extends KindMap, K extends KindOf<Kinds> = KindOf<Kinds>> = {
  [Each in K]: { kind: Each; payload: Kinds[Each]['payload'] } & EnqueueOptions;
}[K];

/** A job that is safely written down. */
export interface AcceptedJob<Kind extends string = string, Result = unknown> {
  id: string;
  kind: Kind;
  key: string;
  state: JobState;
  /** True where it had been accepted before, under the same key with the same payload. */
  replayed: boolean;
  /** Of a repeat whose job is done. */
  result?: Result;
}

/** What became of one item of enqueueMany. A refused one changed nothing. */
export type EnqueueAnswer<Kind extends string = string, Result = unknown> =
  | { accepted: true; job: AcceptedJob<Kind, Result> }
  | { accepted: false; error: KistError };

export interface Attempt {
  attempt: number;
  worker: string;
  started_at: string;
  ended_at: string;
  word: string;
  code: string;
  message: string;
}

/** A job as it stands. Instants are ISO 8601. */
export interface Job<Kind extends string = string, Result = unknown> {
  id: string;
  kind: Kind;
  queue: string;
  key: string;
  state: JobState;
  priority: number;
  /** Failed attempts so far, and how many are allowed. */
  attempt: number;
  attempt_limit: number;
  /** Why it is dead, held or cancelled, or how its last attempt failed. */
  code: string | null;
  message: string | null;
  /** Null until the job is done. */
  result: Result | null;
  accepted_by: string;
  accepted_at: string;
  run_at: string;
  rested_at: string | null;
  /** Every failed attempt; lists of jobs leave it out. */
  attempts?: Attempt[];
}

/** A job by its id, or as enqueue gave it: then the type of its result is known. */
export type JobReference<K extends string> = string | { id: string; kind: K };

export interface WaitOptions {
  /** How long to wait at most; default 60 s. The job goes on, whoever waits. */
  timeout_ms?: number;
  signal?: AbortSignal;
}

export interface JobFilter {
  kind?: string;
  state?: JobState;
  key?: string;
  /** Id after which the page starts; jobs come newest first. */
  after?: string;
  /** 1 … 100, default 50. */
  limit?: number;
}
