import type { FastifyInstance } from 'fastify';
import type { JobView, Runtime } from '../runtime/types.ts';

const WAIT_MS_MAX = 30_000;
/** A wait is made of slices, so that one whose caller hung up, or whose process stops, ends soon. */
const SLICE_MS = 1_000;

/** `10s`, `500ms`; more than 30 s counts as 30 s. */
export const WAIT_PATTERN = /^\d{1,6}(ms|s)$/;

export function waitMs(text: string): number {
  const number = Number.parseInt(text, 10);
  return Math.min(text.endsWith('ms') ? number : number * 1_000, WAIT_MS_MAX);
}

/** Long polls that end when the job rests, the time is over, the caller is gone or the server closes. */
export class LongPolls {
  #closing = false;
  readonly #runtime: Runtime;

  constructor(app: FastifyInstance, runtime: Runtime) {
    this.#runtime = runtime;
    app.addHook('preClose', (done) => {
      this.#closing = true;
      done();
    });
  }

  async wait(tenant: string, id: string, timeout_ms: number, isGone: () => boolean): Promise<JobView | null> {
    const deadline = performance.now() + timeout_ms;
    for (;;) {
      const left_ms = Math.max(0, deadline - performance.now());
      const job = await this.#runtime.waitForRest(tenant, id, Math.min(left_ms, SLICE_MS));
      if (job?.state !== 'pending' || left_ms <= SLICE_MS || this.#closing || isGone()) return job;
    }
  }
}
