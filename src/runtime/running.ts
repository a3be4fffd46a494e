/** Thrown out of a run that the worker ends of itself: nobody's attempt, the job goes back as it was. */
export class GivenBack extends Error {
  override name = 'GivenBack';
}

interface Run {
  tenant: string;
  ids: readonly string[];
  controller: AbortController;
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
    for (const run of this.#runs) if (run.ids.some((id) => ids.has(id))) run.controller.abort(reason);
  }

  abortAll(reason: Error): void {
    for (const run of this.#runs) run.controller.abort(reason);
  }

  /**
   * Runs `work` under a signal that is aborted with an error after `timeout_ms` or by `abort`. The
   * promise rejects with that error at once, whether `work` heeds the signal or not.
   */
  async within<T>(
    tenant: string,
    ids: readonly string[],
    limit: { timeout_ms: number; onTimeout: () => Error },
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    const run: Run = { tenant, ids, controller };
    const timer = setTimeout(() => controller.abort(limit.onTimeout()), limit.timeout_ms);
    this.#runs.add(run);
    try {
      return await Promise.race([work(controller.signal), rejection(controller.signal)]);
    } finally {
      clearTimeout(timer);
      this.#runs.delete(run);
    }
  }
}

function rejection(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  promise.catch(() => {});
  return promise;
}
