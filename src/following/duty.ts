import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Pool } from '../db/pools.ts';
import { after, type Duty } from '../runtime/duties.ts';
import { type Follower, follow, tenantsBehind } from './follow.ts';

/** Between two looks at a queue that was empty; one cheap query for all tenants. */
const LOOK_MS = 250;
/** After something went wrong, the database being away for instance. */
const REST_MS = 5_000;

/**
 * Follows the books of every tenant for as long as the process works. Any number of processes do: whoever
 * has the turn of a tenant follows it, the others look at the next one.
 */
export class FollowerDuty implements Duty {
  readonly #pool: Pool;
  readonly #carrierPool: Pool;
  readonly #followers: readonly Follower[];
  readonly #log: Logger;
  readonly #round: Promise<void>;
  readonly #stopping = new AbortController();

  constructor(options: { pool: Pool; carrierPool: Pool; followers: readonly Follower[]; log: Logger }) {
    this.#pool = options.pool;
    this.#carrierPool = options.carrierPool;
    this.#followers = options.followers;
    this.#log = options.log;
    this.#round = this.#run();
  }

  async #run(): Promise<void> {
    while (!this.#stopped()) {
      try {
        if ((await this.#followAll()) === 0) await this.#rest(LOOK_MS);
      } catch (error) {
        if (!this.#stopped()) this.#log.warn({ err: error }, 'could not follow the books');
        await this.#rest(REST_MS);
      }
    }
  }

  /** One pass for each tenant, so that no tenant waits for the whole backlog of another. */
  async #followAll(): Promise<number> {
    let followed = 0;
    for (const tenant of await tenantsBehind(this.#carrierPool)) {
      if (this.#stopped()) break;
      const pass = await follow(this.#pool, tenant, this.#followers);
      for (const error of pass?.failures ?? []) {
        this.#log.error({ err: error, tenant }, 'journals could not be followed; set aside');
      }
      followed += pass?.journals ?? 0;
    }
    return followed;
  }

  #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Cut short by the stop; keeps no process alive. */
  async #rest(rest_ms: number): Promise<void> {
    await pause(rest_ms, undefined, { ref: false, signal: this.#stopping.signal }).catch(() => {});
  }

  async stop(deadline_ms: number): Promise<void> {
    this.#stopping.abort();
    await Promise.race([this.#round, after(deadline_ms)]);
  }
}
