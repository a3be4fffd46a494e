import type { Transaction } from '../db/pools.ts';
import type { JobRequest } from './definition.ts';
import { dispatchHeads, type Execution, Outbox } from './execution.ts';
import { findJob } from './queries.ts';
import { retryPolicy } from './registry.ts';
import { type Released, releaseHeld } from './release.ts';
import { clearSwitch, releaseSwitchedOn, setSwitch } from './switches.ts';
import type { InTransaction, JobView, Wish } from './types.ts';
import { type Granted, grant, type WishName } from './wishes.ts';

/**
 * What the runtime changes within one transaction, and then, once that has committed, tells the carrier
 * and its subscribers of. A transaction that runs again after a conflict begins its unit anew.
 */
export class Unit implements InTransaction {
  readonly #execution: Execution;
  readonly #tenant: string;
  readonly #actor: string;
  readonly #outbox: Outbox;
  #tx: Transaction | null = null;
  #afterwards: (() => Promise<void> | void)[] = [];

  constructor(execution: Execution, tenant: string, actor: string, trace: string | null) {
    this.#execution = execution;
    this.#tenant = tenant;
    this.#actor = actor;
    this.#outbox = new Outbox(execution, tenant, actor, trace);
  }

  begin(tx: Transaction): void {
    this.#tx = tx;
    this.#outbox.clear();
    this.#afterwards = [];
  }

  /** To be called after the commit. */
  async committed(): Promise<void> {
    this.#outbox.committed();
    for (const step of this.#afterwards.splice(0)) await step();
  }

  readonly accept = (requests: JobRequest[]): Promise<JobView[]> => this.#outbox.accept(this.#now, requests);

  redrive(id: string): Promise<Wish> {
    return this.wish(id, 'redrive');
  }

  async wish(id: string, name: WishName): Promise<Wish> {
    const { registry, sweep_after_ms } = this.#execution;
    const job = await findJob(this.#now, id);
    const definition = job ? registry.get(job.kind) : undefined;
    const attempts = definition ? retryPolicy(definition).attempts : 1;
    const granted = await grant(this.#now, id, name, { attempts, actor: this.#actor, sweep_after_ms });
    this.#afterwards.push(() => this.#follow(name, granted));
    return granted.wish;
  }

  async #follow(name: WishName, { before, route, ordering_key }: Granted): Promise<void> {
    if (!before || !route) return;
    const { tenant, kind, id, key } = route;
    if (name === 'redrive') this.#execution.events.emit('redriven', { tenant, kind, id, key });
    if (name !== 'release') await this.#execution.deadLetters.unbury(before);
    if (ordering_key) dispatchHeads(this.#execution, tenant, [ordering_key]);
    else if (name !== 'drop') this.#execution.dispatcher.dispatch([route]);
  }

  setSwitch(kind: string, reason: string): Promise<void> {
    return setSwitch(this.#now, kind, reason, this.#actor);
  }

  async clearSwitch(kind: string): Promise<void> {
    await clearSwitch(this.#now, kind);
    this.#letGo(await releaseSwitchedOn(this.#now, this.#execution.sweep_after_ms));
  }

  async releaseHeld(kind: string, code: string, every_ms: number): Promise<number> {
    const { sweep_after_ms } = this.#execution;
    const released = await releaseHeld(this.#now, { kind, code, every_ms, sweep_after_ms });
    this.#letGo(released);
    return released.count;
  }

  #letGo({ routes, orderingKeys }: Released): void {
    this.#afterwards.push(() => {
      this.#execution.dispatcher.dispatch(routes);
      dispatchHeads(this.#execution, this.#tenant, orderingKeys);
    });
  }

  async attempt<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const outer = this.#now;
    const accepted = this.#outbox.mark();
    const steps = this.#afterwards.length;
    try {
      return await outer.transaction((inner) => {
        this.#tx = inner;
        return work(inner);
      });
    } catch (error) {
      this.#outbox.rewind(accepted);
      this.#afterwards.length = steps;
      throw error;
    } finally {
      this.#tx = outer;
    }
  }

  get #now(): Transaction {
    if (!this.#tx) throw new Error('The transaction has not begun.');
    return this.#tx;
  }
}
