import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool } from '../db/pools.ts';
import { inTenant } from '../db/transaction.ts';
import type { Archivist } from './archive.ts';
import { runAtomic } from './atomic.ts';
import type { Carrier } from './carrier.ts';
import { claimJobs } from './claim.ts';
import type { JobDefinition } from './definition.ts';
import { announceUnwanted, type Execution, fail, whileDatabaseReturns } from './execution.ts';
import { Lanes, LOCKED } from './lanes.ts';
import { Cancel, Refuse } from './outcomes.ts';
import { GivenBack } from './running.ts';
import type { Schedules } from './schedules.ts';
import { CANCELLED, settleUnwanted } from './settle.ts';
import { runStaged } from './staged.ts';
import { LOST_DISPATCHES_MAX, MARKER_QUEUE, type Sweeper } from './sweeper.ts';
import type { Runtime } from './types.ts';
import { giveBack, wishedCancelled } from './wishes.ts';

const CANCELLATION_POLL_MS = 250;
/** In all 0.6 s for a row to come free. */
const LOCKED_TRIES_MAX = 5;
const LOCKED_WAIT_MS = 20;
const TICK_QUEUE = 'kist-clock';
const TICK_MS = 1_000;

export interface Duty {
  /** Begins nothing new, and ends within `deadline_ms`, whatever is under way. */
  stop(deadline_ms: number): Promise<void>;
}

/** A duty from outside the runtime: begins at once, on what the runtime has opened. */
export type OpenDuty = (runtime: Runtime) => Duty;

/** Every kind that has a job waiting, held or dead. */
export async function openKinds(carrierPool: Pool): Promise<readonly string[]> {
  return carrierPool.anyFirst(sql.type(z.object({ kind: z.string() }))`
    SELECT DISTINCT kind FROM job WHERE state = 'pending'
    UNION SELECT DISTINCT kind FROM job WHERE state IN ('held', 'dead')`);
}

/** Consumes queues: takes jobs from the carrier, runs them in lanes, watches for wishes to cancel. */
export class WorkerDuty implements Duty {
  readonly #execution: Execution;
  readonly #lanes: Lanes;
  readonly #consumers: { pause(doNotWaitActive?: boolean): Promise<void> }[] = [];
  readonly #watch: NodeJS.Timeout;

  constructor(execution: Execution, carrier: Carrier, queues: readonly string[], concurrency: number) {
    this.#execution = execution;
    this.#lanes = new Lanes((definition, tenant, tickets) =>
      definition.mode === 'atomic'
        ? runAtomic(execution, definition, tenant, tickets)
        : runStaged(execution, definition, tenant, tickets[0]!),
    );
    for (const queue of queues) this.#consumers.push(this.#consume(carrier, queue, concurrency));
    this.#watch = setInterval(() => void this.#heedCancellations(), CANCELLATION_POLL_MS);
  }

  #consume(carrier: Carrier, queue: string, concurrency: number) {
    return carrier.consume(queue, concurrency, (carried) => {
      const definition = this.#execution.registry.get(carried.name);
      if (!definition) throw new Error(`This release has no handler for ${carried.name}.`);
      const { tenant, id, alone } = carried.data;
      return this.#enter(definition, tenant, id, alone === true || carried.attemptsStarted > 1);
    });
  }

  /** Tries again for a moment where the row is locked: by the sweeper as a rule, which is quick. */
  async #enter(definition: JobDefinition, tenant: string, id: string, alone: boolean): Promise<string> {
    for (let tries = 0; ; tries += 1) {
      const note = await this.#lanes.enter(definition, tenant, id, alone);
      if (note !== LOCKED || tries >= LOCKED_TRIES_MAX) return note;
      await after(LOCKED_WAIT_MS * 2 ** tries);
    }
  }

  async #heedCancellations(): Promise<void> {
    const { running, pool, log } = this.#execution;
    for (const [tenant, ids] of running.byTenant()) {
      try {
        const wished = await inTenant(pool, tenant, (tx) => wishedCancelled(tx, ids));
        if (wished.length > 0) running.abort(new Set(wished), new Cancel(CANCELLED.code, CANCELLED.message));
      } catch (error) {
        log.warn({ err: error }, 'could not look for cancellations');
      }
    }
  }

  async stop(deadline_ms: number): Promise<void> {
    const { running } = this.#execution;
    await Promise.allSettled(this.#consumers.map((consumer) => consumer.pause(true)));
    const waiting = this.#lanes.close();
    await Promise.race([this.#lanes.idle(), after(deadline_ms)]);
    const unfinished = running.byTenant();
    running.abortAll(new GivenBack('The worker stops.'));
    clearInterval(this.#watch);
    await this.#giveBack(waiting, "another's");
    await this.#giveBack(unfinished, 'ours');
  }

  async #giveBack(byTenant: Map<string, string[]>, lease: 'ours' | "another's"): Promise<void> {
    for (const [tenant, ids] of byTenant) {
      // A run that heeds nothing, not even in the database, keeps its row locked: it must not keep the others.
      const batches = lease === 'ours' ? ids.map((id) => [id]) : [ids];
      await Promise.all(batches.map((batch) => this.#giveBackBatch(tenant, batch, lease)));
    }
  }

  async #giveBackBatch(tenant: string, ids: string[], lease: 'ours' | "another's"): Promise<void> {
    const { pool, log } = this.#execution;
    await inTenant(pool, tenant, (tx) => giveBack(tx, ids, lease)).catch((error) => {
      log.warn(
        { err: error, tenant, jobs: ids.length },
        'could not give jobs back; the sweeper will find them',
      );
    });
  }
}

/** Makes a job dead that the carrier lost again and again, as it does with one that kills its worker. */
export async function giveUp(
  execution: Execution,
  { tenant, id, kind }: { tenant: string; id: string; kind: string },
): Promise<void> {
  const definition = execution.registry.get(kind);
  if (!definition) return;
  const claims = await whileDatabaseReturns(() =>
    inTenant(execution.pool, tenant, async (tx) => {
      const claims = await claimJobs(tx, tenant, definition, [id]);
      await settleUnwanted(tx, claims);
      return claims;
    }),
  );
  announceUnwanted(execution, claims);
  const message = `Handed out ${LOST_DISPATCHES_MAX} times without coming to rest: it may end its worker.`;
  for (const job of [...claims.jobs, ...claims.outcomes.map((unfit) => unfit.job)])
    await fail(execution, definition, job, new Refuse('worker-lost', message), new Date());
}

/**
 * Ticks, sweeps and archives. A BullMQ scheduler is the alarm clock for schedules; the sweep, on a timer of this
 * process, looks for due runs as well, should the alarm have stopped.
 */
export class ClockDuty implements Duty {
  readonly #schedules: Schedules;
  readonly #sweeper: Sweeper;
  readonly #archivist: Archivist;
  readonly #sweep_interval_ms: number;
  readonly #onError: (error: Error) => void;
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    schedules: Schedules,
    sweeper: Sweeper,
    archivist: Archivist,
    options: { sweep_interval_ms: number; onError: (error: Error) => void },
  ) {
    this.#schedules = schedules;
    this.#sweeper = sweeper;
    this.#archivist = archivist;
    this.#sweep_interval_ms = options.sweep_interval_ms;
    this.#onError = options.onError;
  }

  async start(carrier: Carrier): Promise<void> {
    carrier.consume(TICK_QUEUE, 1, async () => `${await this.#schedules.run()} runs accepted`);
    for (const name of [TICK_QUEUE, MARKER_QUEUE]) carrier.queue(name);
    await carrier.opened();
    this.#round = this.#sweepAndRearm();
    const job = { name: 'tick', opts: { removeOnComplete: true, removeOnFail: true } };
    await carrier.queue(TICK_QUEUE).upsertJobScheduler('tick', { every: TICK_MS }, job).catch(this.#onError);
  }

  async #sweepAndRearm(): Promise<void> {
    await this.#sweeper.sweep().catch(this.#onError);
    await this.#schedules.run().catch(this.#onError);
    await this.#archivist.visitWhenDue().catch(this.#onError);
    if (this.#stopped) return;
    const jitter = 0.75 + Math.random() / 2;
    this.#timer = setTimeout(() => {
      this.#round = this.#sweepAndRearm();
    }, this.#sweep_interval_ms * jitter);
  }

  async stop(deadline_ms: number): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    await Promise.race([this.#round, after(deadline_ms)]);
  }
}

/** Resolves later; keeps no process alive. */
export function after(delay_ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delay_ms).unref());
}
