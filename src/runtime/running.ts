import { Cancel, Outcome } from './outcomes.ts';

/** Thrown out of a run that the worker ends of itself: nobody's attempt, the job goes back as it was. */
export class GivenBack extends Error {
  override name = 'GivenBack';
}

export interface Limit {
  timeout_ms: number;
  onTimeout: () => Error;
  /**
   * A wish to cancel is told to the work through its signal, and the work decides: a call to the outside
   * world cannot be taken back, and what it answers must not be lost.
   */
  heedsCancel?: boolean;
}

interface Run {
  tenant: string;
  ids: readonly string[];
  end(reason: Error): void;
}

/** What this process runs at the moment, and the means to end it. */
export class Running {
  readonly #runs = new Set<Run>();

  /** The ids under way, by tenant. */
  byTenant(): Map<string, string[]> {
    const ids = new Map<string, string[]>();
    for (const run of this.#runs) ids.set(run.tenant, [...(ids.get(run.tenant) ?? []), ...run.ids]);
    return ids;
  }

  /** Ends the runs that hold one of the ids. */
  abort(ids: ReadonlySet<string>, reason: Error): void {
    for (const run of this.#runs) if (run.ids.some((id) => ids.has(id))) run.end(reason);
  }

  abortAll(reason: Error): void {
    for (const run of this.#runs) run.end(reason);
  }

  /**
   * Runs `work` under a signal that is aborted with an error after `timeout_ms` or by `abort`. The
   * promise rejects with that error at once, whether `work` heeds the signal or not; see `heedsCancel`.
   */
  async within<T>(
    tenant: string,
    ids: readonly string[],
    limit: Limit,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    const ended = Promise.withResolvers<never>();
    ended.promise.catch(() => {});
    const end = (reason: Error): void => {
      controller.abort(reason);
      if (!(limit.heedsCancel && reason instanceof Cancel)) ended.reject(reason);
    };
    const run: Run = { tenant, ids, end };
    const timer = setTimeout(() => end(limit.onTimeout()), limit.timeout_ms);
    this.#runs.add(run);
    try {
      return await Promise.race([work(controller.signal), ended.promise]);
    } catch (error) {
      const heeded = controller.signal.reason instanceof Cancel && !(error instanceof Outcome);
      throw heeded && !(error instanceof GivenBack) ? controller.signal.reason : error;
    } finally {
      clearTimeout(timer);
      this.#runs.delete(run);
    }
  }
}
