import { isDatabaseAway } from '../db/transaction.ts';

/** Commits under way for one tenant: a second may prepare while the first waits for the disk. */
const COMMITS_AT_ONCE_MAX = 2;

export interface SharedCommitsOptions<Item, Answer> {
  /** Commits the items of one tenant. @returns an answer for each, in order */
  commit(tenant: string, items: readonly Item[]): Promise<readonly Answer[]>;
  /** How much of ROWS_MAX an item takes; default 1. */
  rows?(item: Item): number;
  rows_max: number;
}

interface Waiting<Item, Answer> {
  item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

interface Lane<Item, Answer> {
  waiting: Waiting<Item, Answer>[];
  commits: number;
}

/**
 * Lets concurrent callers of one tenant share a commit: while one commit is under way the others
 * gather, and go together in the next. Nobody waits for a timer; a lone caller commits at once.
 */
export class SharedCommits<Item, Answer> {
  readonly #options: SharedCommitsOptions<Item, Answer>;
  readonly #tenants = new Map<string, Lane<Item, Answer>>();

  constructor(options: SharedCommitsOptions<Item, Answer>) {
    this.#options = options;
  }

  /** @returns what became of the item, once that is committed */
  submit(tenant: string, item: Item): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const lane = this.#tenants.get(tenant) ?? { waiting: [], commits: 0 };
    this.#tenants.set(tenant, lane);
    lane.waiting.push({ item, resolve, reject });
    if (lane.commits < COMMITS_AT_ONCE_MAX) setImmediate(() => this.#pump(tenant, lane));
    return promise;
  }

  #pump(tenant: string, lane: Lane<Item, Answer>): void {
    if (lane.commits >= COMMITS_AT_ONCE_MAX) return;
    const together = this.#takeBatch(lane.waiting);
    if (together.length === 0) return;
    lane.commits += 1;
    void this.#commit(tenant, together).finally(() => {
      lane.commits -= 1;
      if (lane.waiting.length > 0) this.#pump(tenant, lane);
      else if (lane.commits === 0) this.#tenants.delete(tenant);
    });
  }

  /** Where a commit fails, each caller is tried alone: one's unfit row is no fault of the others. */
  async #commit(tenant: string, together: Waiting<Item, Answer>[]): Promise<void> {
    try {
      const items = together.map(({ item }) => item);
      const answers = await this.#options.commit(tenant, items);
      for (const [place, { resolve }] of together.entries()) resolve(answers[place]!);
    } catch (error) {
      if (together.length === 1 || isDatabaseAway(error)) for (const { reject } of together) reject(error);
      else for (const waiting of together) await this.#commit(tenant, [waiting]);
    }
  }

  #takeBatch(waiting: Waiting<Item, Answer>[]): Waiting<Item, Answer>[] {
    const { rows = () => 1, rows_max } = this.#options;
    let taken = 0;
    let count = 0;
    for (const { item } of waiting) {
      if (count > 0 && taken + rows(item) > rows_max) break;
      taken += rows(item);
      count += 1;
    }
    return waiting.splice(0, count);
  }
}
