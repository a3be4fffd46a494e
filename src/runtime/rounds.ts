import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { after, type Duty } from './duties.ts';

/** Work that lies waiting in tables, done tenant by tenant. */
export interface Rounds {
  /** For the log: what could not be done. */
  name: string;
  /** The tenants for which something waits: one cheap query for all of them. */
  look(): Promise<readonly string[]>;
  /** One bounded pass for a tenant, so that no tenant waits for another's backlog. @returns how much was done */
  visit(tenant: string): Promise<number>;
}

/** Between two rounds that found nothing to do. */
const LOOK_MS = 250;
/** After something went wrong, the database being away for instance. */
const REST_MS = 5_000;

/** Makes rounds for as long as the process works. Any number of processes may: a visit takes turns by itself. */
export class RoundsDuty implements Duty {
  readonly #rounds: Rounds;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  constructor(rounds: Rounds, log: Logger) {
    this.#rounds = rounds;
    this.#log = log;
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    while (!this.#stopped()) {
      const { done, failed } = await this.#round();
      if (failed) await this.#rest(REST_MS);
      else if (done === 0) await this.#rest(LOOK_MS);
    }
  }

  async #round(): Promise<{ done: number; failed: boolean }> {
    let done = 0;
    let failed = false;
    const tenants = await this.#trying(this.#rounds.look());
    for (const tenant of tenants ?? []) {
      if (this.#stopped()) break;
      // What fails for one tenant must not keep the others waiting.
      const visited = await this.#trying(this.#rounds.visit(tenant), tenant);
      done += visited ?? 0;
      failed ||= visited === undefined;
    }
    return { done, failed: failed || tenants === undefined };
  }

  async #trying<T>(work: Promise<T>, tenant?: string): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (!this.#stopped()) this.#log.warn({ err: error, tenant }, `${this.#rounds.name} failed`);
      return undefined;
    }
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
    await Promise.race([this.#running, after(deadline_ms)]);
  }
}
