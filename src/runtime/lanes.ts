import { AsyncLocalStorage } from 'node:async_hooks';
import type { JobDefinition } from './definition.ts';

/** What became of a job whose row was locked by somebody else: it may be worth another try. */
export const LOCKED = 'locked';

export interface Ticket {
  tenant: string;
  id: string;
  /** Must not share a group. */
  alone: boolean;
  /** Runs a function where this job came from, and not in the trace of the job before it in the lane. */
  within: ReturnType<typeof AsyncLocalStorage.snapshot>;
  resolve(note: string): void;
  reject(error: unknown): void;
}

interface Kind {
  definition: JobDefinition;
  running: number;
  /** Waiting tickets by tenant; tenants take turns in the order of this map. */
  tenants: Map<string, Ticket[]>;
}

const GROUP_MAX_DEFAULT = 64;
const GROUPS_AT_ONCE_DEFAULT = 2;
const CALLS_AT_ONCE_DEFAULT = 16;

export type RunGroup = (definition: JobDefinition, tenant: string, tickets: Ticket[]) => Promise<void>;

/**
 * Gathers the jobs that a worker process holds, and runs those of one kind and tenant together. Nobody
 * waits for a group to fill: when a run may start, it takes what is there. While runs are under way the
 * next group gathers, so groups grow with the load and a lone job runs at once.
 */
export class Lanes {
  readonly #kinds = new Map<string, Kind>();
  readonly #run: RunGroup;
  readonly #runs = new Set<Promise<void>>();
  #closed = false;

  constructor(run: RunGroup) {
    this.#run = run;
  }

  /** @returns a note of what became of the job, for the board */
  enter(definition: JobDefinition, tenant: string, id: string, alone: boolean): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    if (this.#closed) return Promise.resolve('given back');
    const kind = this.#kinds.get(definition.kind) ?? { definition, running: 0, tenants: new Map() };
    this.#kinds.set(definition.kind, kind);
    const waiting = kind.tenants.get(tenant) ?? [];
    kind.tenants.set(tenant, waiting);
    waiting.push({ tenant, id, alone, within: AsyncLocalStorage.snapshot(), resolve, reject });
    setImmediate(() => this.#pump(kind));
    return promise;
  }

  #pump(kind: Kind): void {
    const { definition } = kind;
    const at_once_max =
      definition.concurrency ??
      (definition.mode === 'atomic' ? GROUPS_AT_ONCE_DEFAULT : CALLS_AT_ONCE_DEFAULT);
    while (kind.running < at_once_max && !this.#closed) {
      const [tenant, waiting] = kind.tenants.entries().next().value ?? [];
      if (tenant === undefined || !waiting) return;
      const group = takeGroup(
        waiting,
        definition.mode === 'atomic' ? (definition.group_max ?? GROUP_MAX_DEFAULT) : 1,
      );
      kind.tenants.delete(tenant);
      if (waiting.length > 0) kind.tenants.set(tenant, waiting);
      kind.running += 1;
      const { within } = group[0]!;
      const run = within(() => this.#run(definition, tenant, group)).finally(() => {
        kind.running -= 1;
        this.#runs.delete(run);
        this.#pump(kind);
      });
      this.#runs.add(run);
    }
  }

  /** Lets nothing new start. @returns the ids that waited and were given back, by tenant */
  close(): Map<string, string[]> {
    this.#closed = true;
    const given = new Map<string, string[]>();
    for (const kind of this.#kinds.values()) {
      for (const [tenant, waiting] of kind.tenants) {
        given.set(tenant, [...(given.get(tenant) ?? []), ...waiting.map(({ id }) => id)]);
        for (const ticket of waiting) ticket.resolve('given back');
      }
      kind.tenants.clear();
    }
    return given;
  }

  /** Resolves when no run is under way. */
  async idle(): Promise<void> {
    while (this.#runs.size > 0) await Promise.allSettled(this.#runs);
  }
}

function takeGroup(waiting: Ticket[], group_max: number): Ticket[] {
  if (waiting[0]!.alone) return waiting.splice(0, 1);
  const loner = waiting.findIndex((ticket) => ticket.alone);
  return waiting.splice(0, Math.min(group_max, loner < 0 ? waiting.length : loner));
}
