import type { Pool } from '../db/pools.ts';
import { inTenant } from '../db/transaction.ts';
import type { RuntimeEvents } from './events.ts';
import { restedAmong } from './queries.ts';

const POLL_MS = 40;
const WAITERS_MAX = 10_000;

/**
 * Lets any number of callers wait for jobs to rest at the cost of one query a poll and tenant. Jobs that
 * this very process brings to rest wake their waiters at once.
 */
export class Waiting {
  readonly #pool: Pool;
  readonly #tenants = new Map<string, Map<string, Set<() => void>>>();
  #count = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(pool: Pool, events: RuntimeEvents) {
    this.#pool = pool;
    for (const event of ['done', 'dead', 'held', 'cancelled'] as const) {
      events.on(event, ({ tenant, id }: { tenant: string; id: string }) => this.#wake(tenant, id));
    }
  }

  /** Resolves when the job rests, or after `timeout_ms`, whichever comes first. */
  async forRest(tenant: string, id: string, timeout_ms: number): Promise<void> {
    if (this.#count >= WAITERS_MAX) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const jobs = this.#tenants.get(tenant) ?? new Map<string, Set<() => void>>();
    this.#tenants.set(tenant, jobs);
    jobs.set(id, (jobs.get(id) ?? new Set()).add(resolve));
    this.#count += 1;
    const deadline = setTimeout(resolve, timeout_ms);
    this.#timer ??= setTimeout(() => this.#poll(), 0);
    await promise;
    clearTimeout(deadline);
    this.#count -= 1;
    jobs.get(id)?.delete(resolve);
    if (jobs.get(id)?.size === 0) jobs.delete(id);
    if (jobs.size === 0) this.#tenants.delete(tenant);
  }

  async #poll(): Promise<void> {
    for (const [tenant, jobs] of this.#tenants) {
      const rested = await inTenant(this.#pool, tenant, (tx) => restedAmong(tx, [...jobs.keys()])).catch(
        () => [],
      );
      for (const id of rested) this.#wake(tenant, id);
    }
    this.#timer = this.#tenants.size > 0 ? setTimeout(() => this.#poll(), POLL_MS) : null;
  }

  #wake(tenant: string, id: string): void {
    for (const resolve of this.#tenants.get(tenant)?.get(id) ?? []) resolve();
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    for (const jobs of this.#tenants.values())
      for (const waiters of jobs.values()) for (const resolve of waiters) resolve();
  }
}
