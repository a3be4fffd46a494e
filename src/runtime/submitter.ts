import type { Pool } from '../db/pools.ts';
import { ACCEPT_BATCH_MAX, type AcceptedBatch, acceptJobsAlone, type PreparedJob } from './accept.ts';
import { reach } from './faults.ts';
import { SharedCommits } from './shared-commits.ts';
import type { Acceptance } from './types.ts';

export interface SubmitterOptions {
  pool: Pool;
  sweep_after_ms: number;
  /** Called after each commit, before anybody is answered. */
  onAccepted(tenant: string, batch: AcceptedBatch): void;
}

/** Accepts jobs; concurrent callers of one tenant share a commit. */
export class Submitter {
  readonly #options: SubmitterOptions;
  readonly #commits: SharedCommits<readonly PreparedJob[], Acceptance[]>;

  constructor(options: SubmitterOptions) {
    this.#options = options;
    this.#commits = new SharedCommits({
      commit: (tenant, together) => this.#commit(tenant, together),
      rows: (jobs) => jobs.length,
      rows_max: ACCEPT_BATCH_MAX,
    });
  }

  /** @returns what became of each job, once that is committed */
  submit(tenant: string, jobs: readonly PreparedJob[]): Promise<Acceptance[]> {
    return this.#commits.submit(tenant, jobs);
  }

  async #commit(tenant: string, together: readonly (readonly PreparedJob[])[]): Promise<Acceptance[][]> {
    const { pool, sweep_after_ms, onAccepted } = this.#options;
    const batch = await acceptJobsAlone(pool, tenant, together.flat(), sweep_after_ms);
    await reach('accept.committed');
    onAccepted(tenant, batch);
    let offset = 0;
    return together.map(({ length }) => {
      offset += length;
      return batch.acceptances.slice(offset - length, offset);
    });
  }
}
