import type { Pool } from '../db/pools.ts';
import { isDatabaseAway } from '../db/transaction.ts';
import { ACCEPT_BATCH_MAX, type AcceptedBatch, acceptJobsAlone, type PreparedJob } from './accept.ts';
import { reach } from './faults.ts';
import type { Acceptance } from './types.ts';

interface Waiting {
  jobs: readonly PreparedJob[];
  resolve(acceptances: Acceptance[]): void;
  reject(error: unknown): void;
}

export interface SubmitterOptions {
  pool: Pool;
  sweep_after_ms: number;
  /** Called after each commit, before anybody is answered. */
  onAccepted(tenant: string, batch: AcceptedBatch): void;
}

/** Commits under way for one tenant: a second may prepare while the first waits for the disk. */
const COMMITS_AT_ONCE_MAX = 2;

/**
 * Lets concurrent callers of one tenant share a commit: while one commit is under way the others
 * gather, and go together in the next. Nobody waits for a timer; a lone caller commits at once.
 */
export class Submitter {
  readonly #options: SubmitterOptions;
  readonly #tenants = new Map<string, { waiting: Waiting[]; commits: number }>();

  constructor(options: SubmitterOptions) {
    this.#options = options;
  }

  /** @returns what became of each job, once that is committed */
  submit(tenant: string, jobs: readonly PreparedJob[]): Promise<Acceptance[]> {
    const { promise, resolve, reject } = Promise.withResolvers<Acceptance[]>();
    const lane = this.#tenants.get(tenant) ?? { waiting: [], commits: 0 };
    this.#tenants.set(tenant, lane);
    lane.waiting.push({ jobs, resolve, reject });
    if (lane.commits < COMMITS_AT_ONCE_MAX) setImmediate(() => this.#pump(tenant, lane));
    return promise;
  }

  #pump(tenant: string, lane: { waiting: Waiting[]; commits: number }): void {
    if (lane.commits >= COMMITS_AT_ONCE_MAX) return;
    const together = takeBatch(lane.waiting);
    if (together.length === 0) return;
    lane.commits += 1;
    void this.#commit(tenant, together).finally(() => {
      lane.commits -= 1;
      if (lane.waiting.length > 0) this.#pump(tenant, lane);
      else if (lane.commits === 0) this.#tenants.delete(tenant);
    });
  }

  /** Where a commit fails, each caller is tried alone: one's unfit row is no fault of the others. */
  async #commit(tenant: string, together: Waiting[]): Promise<void> {
    const { pool, sweep_after_ms, onAccepted } = this.#options;
    try {
      const jobs = together.flatMap((waiting) => waiting.jobs);
      const batch = await acceptJobsAlone(pool, tenant, jobs, sweep_after_ms);
      await reach('accept.committed');
      onAccepted(tenant, batch);
      let offset = 0;
      for (const waiting of together) {
        waiting.resolve(batch.acceptances.slice(offset, offset + waiting.jobs.length));
        offset += waiting.jobs.length;
      }
    } catch (error) {
      if (together.length === 1 || isDatabaseAway(error)) {
        for (const waiting of together) waiting.reject(error);
      } else for (const waiting of together) await this.#commit(tenant, [waiting]);
    }
  }
}

function takeBatch(waiting: Waiting[]): Waiting[] {
  let rows = 0;
  let count = 0;
  for (const { jobs } of waiting) {
    if (count > 0 && rows + jobs.length > ACCEPT_BATCH_MAX) break;
    rows += jobs.length;
    count += 1;
  }
  return waiting.splice(0, count);
}
