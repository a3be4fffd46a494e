import type { Calculations } from './calculations.ts';
import type { KeyFacts, LoanStatement } from './documents.ts';
import { errorOfProblem, KistError, type Problem } from './error.ts';
import { Http, type HttpOptions, pause, type RequestOptions } from './http.ts';
import type { JobKinds } from './kinds.ts';
import {
  type KeyFactsSubject,
  keyFactsPath,
  loanPath,
  type Period,
  PRINT_TYPES,
  type PrintFormat,
} from './papers.ts';
import type {
  AcceptedJob,
  EnqueueAnswer,
  EnqueueOptions,
  Job,
  JobFilter,
  JobReference,
  JobSpec,
  KindMap,
  KindOf,
  WaitOptions,
} from './types.ts';

export type ClientOptions = HttpOptions;

/** The most jobs, and the most bytes of JSON, that the API takes in one request. */
const BATCH_MAX = 1_000;
const BATCH_BYTES_MAX = 1_500_000;
const WAIT_MS_DEFAULT = 60_000;
/** One long poll; the server answers earlier when the job rests. */
const POLL_MS_MAX = 10_000;
/** Between two polls of which the first came back early and empty-handed (a server that stops). */
const POLL_PAUSE_MS = 250;
/** The answer to an order that was only proposed. */
const PROPOSED = 202;

/**
 * A client of one Kist installation, acting as one service.
 *
 *     const kist = createClient({ url: 'https://kist.example', token: () => signToken() });
 *     const job = await kist.enqueue('wallet.transfer', { … });
 *     const result = await kist.wait(job);
 *
 * Everything it sends more than once is safe to be sent more than once.
 */
export function createClient<Kinds extends KindMap = JobKinds>(options: ClientOptions): Client<Kinds> {
  return new Client<Kinds>(options);
}

export class Client<Kinds extends KindMap = JobKinds> {
  readonly #http: Http;
  readonly #timeout_ms: number;

  constructor(options: ClientOptions) {
    this.#http = new Http(options);
    this.#timeout_ms = options.timeout_ms ?? 30_000;
  }

  /**
   * Has one job accepted: it is written down when this returns, and will be done once.
   * @throws KistError invalid-payload, idempotency-conflict, missing-scope …
   */
  async enqueue<K extends KindOf<Kinds>>(
    kind: K,
    payload: Kinds[K]['payload'],
    options: EnqueueOptions & { signal?: AbortSignal } = {},
  ): Promise<AcceptedJob<K, Kinds[K]['result']>> {
    const { key, priority, run_at, signal } = options;
    const { body, headers } = await this.#http.send('POST', `/v1/jobs/${encodeURIComponent(kind)}`, {
      body: { payload, priority, run_at },
      key,
      repeatable: true,
      signal,
    });
    const replayed = headers.get('idempotent-replayed') === 'true';
    return { ...(body as AcceptedJob<K, Kinds[K]['result']>), replayed };
  }

  /**
   * Has any number of jobs accepted, 1,000 a request, each answered on its own, in the order given.
   * @throws KistError where a whole request failed; repeating the call then is safe
   */
  async enqueueMany<K extends KindOf<Kinds>>(
    jobs: readonly JobSpec<Kinds, K>[],
    options: { signal?: AbortSignal } = {},
  ): Promise<EnqueueAnswer<K, Kinds[K]['result']>[]> {
    const answers: EnqueueAnswer<K, Kinds[K]['result']>[] = [];
    for (const batch of batches(jobs)) {
      const { body } = await this.#http.send('POST', '/v1/jobs', {
        body: { jobs: batch },
        repeatable: true,
        signal: options.signal,
      });
      const { jobs: items } = body as { jobs: BulkItem<K, Kinds[K]['result']>[] };
      if (items?.length !== batch.length) {
        throw new KistError('unexpected-answer', `${batch.length} jobs sent, ${items?.length} answered.`);
      }
      answers.push(...items.map(readItem));
    }
    return answers;
  }

  /** The job as it stands, with its attempts. @throws KistError not-found */
  async job<K extends KindOf<Kinds> = KindOf<Kinds>>(
    job: JobReference<K>,
    options: { signal?: AbortSignal } = {},
  ): Promise<Job<K, Kinds[K]['result']>> {
    return this.request<Job<K, Kinds[K]['result']>>('GET', jobPath(job), options);
  }

  /** A page of jobs, newest first; `after` of the next page is the id of the last job of this one. */
  async list(filter: JobFilter = {}): Promise<Job[]> {
    const { jobs } = await this.request<{ jobs: Job[] }>('GET', '/v1/jobs', { query: { ...filter } });
    return jobs;
  }

  /**
   * Waits until the job rests, in whatever state.
   * @throws KistError wait-timeout; or the signal's reason, when it was aborted
   */
  async waitForRest<K extends KindOf<Kinds> = KindOf<Kinds>>(
    job: JobReference<K>,
    options: WaitOptions = {},
  ): Promise<Job<K, Kinds[K]['result']>> {
    const timeout_ms = options.timeout_ms ?? WAIT_MS_DEFAULT;
    const deadline = Date.now() + timeout_ms;
    for (;;) {
      const poll_ms = Math.max(0, Math.min(POLL_MS_MAX, deadline - Date.now()));
      const asked_at = Date.now();
      const seen = await this.request<Job<K, Kinds[K]['result']>>('GET', jobPath(job), {
        query: { wait: `${poll_ms}ms` },
        timeout_ms: this.#timeout_ms + poll_ms,
        signal: options.signal,
      });
      if (seen.state !== 'pending') return seen;
      if (Date.now() >= deadline) {
        const detail = `Job ${seen.id} does not rest within ${timeout_ms} ms; it goes on.`;
        throw new KistError('wait-timeout', detail, { job: seen });
      }
      if (Date.now() - asked_at < poll_ms / 2) await pause(POLL_PAUSE_MS * Math.random(), options.signal);
    }
  }

  /**
   * Waits for the result of the job. A business no (`outcome: 'refused'`) is a result.
   * @throws KistError job-dead, job-held or job-cancelled, with the job; wait-timeout
   */
  async wait<K extends KindOf<Kinds> = KindOf<Kinds>>(
    job: JobReference<K>,
    options: WaitOptions = {},
  ): Promise<Kinds[K]['result']> {
    const rested = await this.waitForRest(job, options);
    if (rested.state === 'done') return rested.result as Kinds[K]['result'];
    const reason = [rested.code, rested.message].filter(Boolean).join(': ');
    const detail = `Job ${rested.id} (${rested.kind}) is ${rested.state}${reason ? `: ${reason}` : '.'}`;
    throw new KistError(`job-${rested.state}`, detail, { job: rested });
  }

  /** enqueue, then wait. */
  async enqueueAndWait<K extends KindOf<Kinds>>(
    kind: K,
    payload: Kinds[K]['payload'],
    options: EnqueueOptions & WaitOptions = {},
  ): Promise<Kinds[K]['result']> {
    const { timeout_ms, ...enqueueOptions } = options;
    const job = await this.enqueue(kind, payload, enqueueOptions);
    if (job.state === 'done') return job.result as Kinds[K]['result'];
    const { signal } = options;
    return this.wait(job, {
      ...(timeout_ms === undefined ? {} : { timeout_ms }),
      ...(signal ? { signal } : {}),
    });
  }

  /** Asks that the job be not done any more. @throws KistError illegal-transition */
  cancel(id: string): Promise<Job> {
    return this.request('POST', `${jobPath(id)}/cancel`);
  }

  /**
   * dead → pending. One that moves more than the tenant's limit is only proposed: another person must agree.
   * @throws KistError illegal-transition, approval-required
   */
  async redrive(id: string): Promise<Job> {
    const { status, body } = await this.#http.send('POST', `${jobPath(id)}/redrive`);
    if (status !== PROPOSED) return body as Job;
    const approval = body as { id: string; description: string };
    throw new KistError('approval-required', `Approval ${approval.id}: ${approval.description}`, { status });
  }

  /** held → pending. @throws KistError illegal-transition */
  release(id: string): Promise<Job> {
    return this.request('POST', `${jobPath(id)}/release`);
  }

  /** dead → cancelled: it shall never run. @throws KistError illegal-transition */
  drop(id: string): Promise<Job> {
    return this.request('POST', `${jobPath(id)}/drop`);
  }

  /**
   * The answer of one function of the calculator; nothing is changed by asking. Where there is no rate, the
   * answer says null. docs/calculator.md has every function.
   * @throws KistError invalid-request or not-calculable, naming the field
   */
  calculate<Name extends keyof Calculations>(
    name: Name,
    request: Calculations[Name]['request'],
    options: { explain?: boolean; signal?: AbortSignal } = {},
  ): Promise<Calculations[Name]['answer']> {
    const { explain, signal } = options;
    return this.request('POST', `/v1/calculations/${name}`, {
      body: request,
      query: { explain: explain === undefined ? undefined : String(explain) },
      repeatable: true,
      signal,
    });
  }

  /**
   * The statement of a loan over days of the books, both included; over its whole life where none are named.
   * @throws KistError not-found, invalid-request
   */
  statement(
    loan: string,
    period: Period = {},
    options: { signal?: AbortSignal } = {},
  ): Promise<LoanStatement> {
    return this.request('GET', `${loanPath(loan)}/statement`, { query: { ...period }, ...options });
  }

  /** As `statement`, as a page to print or as a PDF. */
  printedStatement(
    loan: string,
    format: PrintFormat,
    period: Period = {},
    options: { signal?: AbortSignal } = {},
  ): Promise<Uint8Array> {
    const accept = PRINT_TYPES[format];
    return this.request('GET', `${loanPath(loan)}/statement`, { query: { ...period }, accept, ...options });
  }

  /**
   * The key facts statement of a loan, or of an application that has an offer.
   * @throws KistError not-found, illegal-transition
   */
  keyFacts(subject: KeyFactsSubject, options: { signal?: AbortSignal } = {}): Promise<KeyFacts> {
    return this.request('GET', keyFactsPath(subject), options);
  }

  /** As `keyFacts`, as a page to print or as a PDF. */
  printedKeyFacts(
    subject: KeyFactsSubject,
    format: PrintFormat,
    options: { signal?: AbortSignal } = {},
  ): Promise<Uint8Array> {
    return this.request('GET', keyFactsPath(subject), { accept: PRINT_TYPES[format], ...options });
  }

  /**
   * Any other route of the API (its /docs lists them). A POST is repeated after a lost answer only where
   * it has a `key` or says that it is `repeatable`.
   */
  async request<Answer = unknown>(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    options: RequestOptions = {},
  ): Promise<Answer> {
    return (await this.#http.send(method, path, options)).body as Answer;
  }
}

/** Each item has the status and body that it would have been answered with alone. */
type BulkItem<Kind extends string, Result> =
  | ({ status: 202 } & Omit<AcceptedJob<Kind, Result>, 'replayed'> & { replayed?: true })
  | ({ status: Exclude<number, 202> } & Problem);

function readItem<Kind extends string, Result>(item: BulkItem<Kind, Result>): EnqueueAnswer<Kind, Result> {
  if ('code' in item) return { accepted: false, error: errorOfProblem(item.status, item) };
  const { status: _, ...job } = item;
  return { accepted: true, job: { ...job, replayed: job.replayed === true } };
}

function jobPath(job: JobReference<string>): string {
  return `/v1/jobs/${encodeURIComponent(typeof job === 'string' ? job : job.id)}`;
}

/** Cuts by number and by size, so that no request is refused for being too large. */
function* batches<Item>(items: readonly Item[]): Generator<Item[]> {
  const encoder = new TextEncoder();
  let batch: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = encoder.encode(JSON.stringify(item)).length + 1;
    if (batch.length === BATCH_MAX || (batch.length > 0 && bytes + size > BATCH_BYTES_MAX)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
