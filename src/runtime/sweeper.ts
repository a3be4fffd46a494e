import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool, Transaction } from '../db/pools.ts';
import { inTenant } from '../db/transaction.ts';
import type { Carrier } from './carrier.ts';
import type { DeadLetters, DeadRoute } from './dead-letters.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { RuntimeEvents } from './events.ts';
import { reach } from './faults.ts';
import { ITS_TURN, ROUTE_COLUMNS, routeRow } from './route.ts';
import { RELEASE_BATCH_MAX, releaseSwitchedOn } from './switches.ts';

const SWEEP_BATCH_MAX = 500;
/** Batches a sweep at most: a flood is worked off over several sweeps, and stop() never waits long. */
const SWEEP_BATCHES_MAX = 20;
const BURY_BATCH_MAX = 500;
const BURY_BATCHES_MAX = 100;
/** The carrier lost a job this often in a row: it kills its worker, and is dead. */
export const LOST_DISPATCHES_MAX = 8;
/** Sweepers of several processes take turns. */
const SWEEP_TURN = 'kist sweep';
const MARKER_QUEUE = 'kist-marker';
const MARKER_ID = 'carrier-marker';
const MARKER_DELAY_MS = 10 * 365 * 86_400_000;

export interface SweeperOptions {
  app: Pool;
  /** Acts as kist_carrier: sees the routing columns of every tenant's jobs. */
  carrierPool: Pool;
  carrier: Carrier;
  dispatcher: Dispatcher;
  deadLetters: DeadLetters;
  events: RuntimeEvents;
  sweep_after_ms: number;
  /** Buries for good a job that the carrier lost too often. */
  giveUp(job: { tenant: string; id: string; kind: string }): Promise<void>;
}

const lateRow = routeRow.extend({ lost_dispatches: z.number(), its_turn: z.boolean() });
type Late = z.infer<typeof lateRow>;

/**
 * Brings back what should have come to rest by now: rows whose sweep_at has passed and that no worker
 * has locked. What the carrier still holds is left to it; the rest is dispatched again under a new
 * number. The same pass recovers from a carrier that lost everything, so it is exercised every day.
 */
export class Sweeper {
  readonly #options: SweeperOptions;

  constructor(options: SweeperOptions) {
    this.#options = options;
  }

  /** One pass. @returns how many jobs were dispatched again */
  async sweep(): Promise<number> {
    const { events } = this.#options;
    await this.#recoverLostCarrier();
    let looked_at = 0;
    let dispatched = 0;
    for (let batch = 0; batch < SWEEP_BATCHES_MAX; batch += 1) {
      const swept = await this.#sweepBatch();
      looked_at += swept.looked_at;
      dispatched += swept.dispatched;
      if (swept.looked_at < SWEEP_BATCH_MAX) break;
    }
    dispatched += await this.#releaseSwitchedOn();
    events.emit('swept', { looked_at, dispatched });
    return dispatched;
  }

  async #sweepBatch(): Promise<{ looked_at: number; dispatched: number }> {
    const { carrierPool, carrier, dispatcher, sweep_after_ms, giveUp } = this.#options;
    const swept = await carrierPool.transaction(async (tx) => {
      if (!(await hasTurn(tx))) return { late: [], lost: [] };
      const late = await lateJobs(tx);
      const held = await carrier.holds(late);
      const lost = late.filter((job) => job.its_turn && !held.has(job.id));
      await postpone(tx, late, lost, sweep_after_ms);
      await reach('sweep.before-commit');
      return { late, lost };
    });
    const hopeless = swept.lost.filter((job) => job.lost_dispatches + 1 > LOST_DISPATCHES_MAX);
    for (const job of hopeless) await giveUp(job);
    const again = swept.lost.filter((job) => job.lost_dispatches + 1 <= LOST_DISPATCHES_MAX);
    const told = await dispatcher.tell(
      again.map((job) => ({ ...job, dispatch_number: job.dispatch_number + 1 })),
    );
    if (!told) await carrierPool.transaction((tx) => forgive(tx, again));
    return { looked_at: swept.late.length, dispatched: again.length };
  }

  /**
   * A job far in the future marks a carrier that still has its memory. Where it is missing, everything
   * open is swept at once instead of when its time comes, and every dead letter is laid out again.
   */
  async #recoverLostCarrier(): Promise<void> {
    const { carrier, carrierPool } = this.#options;
    const queue = carrier.queue(MARKER_QUEUE);
    if (await queue.getJob(MARKER_ID)) return;
    await carrierPool.query(sql.unsafe`
      UPDATE job SET sweep_at = now() WHERE state = 'pending' AND sweep_at > now() AND run_at <= now() AND lease_until IS NULL`);
    await this.#buryAgain();
    await queue.add('marker', {}, { jobId: MARKER_ID, delay: MARKER_DELAY_MS });
  }

  async #buryAgain(): Promise<void> {
    const { app, deadLetters } = this.#options;
    for (const tenant of await this.#tenantsWith('dead', null)) {
      let after = '00000000-0000-0000-0000-000000000000';
      for (let batch = 0; batch < BURY_BATCHES_MAX; batch += 1) {
        const dead = await inTenant(app, tenant, (tx) => deadJobs(tx, after));
        deadLetters.bury(dead);
        if (dead.length < BURY_BATCH_MAX) break;
        after = dead.at(-1)!.id;
      }
    }
  }

  async #releaseSwitchedOn(): Promise<number> {
    const { app, dispatcher, sweep_after_ms } = this.#options;
    let released = 0;
    for (const tenant of await this.#tenantsWith('held', 'kill-switch')) {
      for (let batch = 0; batch < SWEEP_BATCHES_MAX; batch += 1) {
        const routes = await inTenant(app, tenant, (tx) => releaseSwitchedOn(tx, sweep_after_ms));
        dispatcher.dispatch(routes);
        released += routes.length;
        if (routes.length < RELEASE_BATCH_MAX) break;
      }
    }
    return released;
  }

  #tenantsWith(state: 'dead' | 'held', code: string | null): Promise<readonly string[]> {
    return this.#options.carrierPool.anyFirst(sql.type(z.object({ tenant_id: z.string() }))`
      SELECT tenant_id FROM tenant
      WHERE EXISTS (SELECT FROM job WHERE job.tenant_id = tenant.tenant_id AND job.state = ${state}
                      AND (${code}::text IS NULL OR job.code = ${code}))`);
  }
}

function hasTurn(tx: Transaction): Promise<boolean> {
  return tx.oneFirst(sql.type(z.object({ turn: z.boolean() }))`
    SELECT pg_try_advisory_xact_lock(hashtextextended(${SWEEP_TURN}, 0)) AS turn`);
}

function lateJobs(tx: Transaction): Promise<readonly Late[]> {
  return tx.any(sql.type(lateRow)`
    SELECT ${ROUTE_COLUMNS}, job.lost_dispatches, ${ITS_TURN} AS its_turn
    FROM job WHERE job.state = 'pending' AND job.sweep_at <= now()
      AND (job.lease_until IS NULL OR job.lease_until <= now())
    ORDER BY job.sweep_at LIMIT ${SWEEP_BATCH_MAX}
    FOR NO KEY UPDATE OF job SKIP LOCKED`);
}

/** A carrier that is away is not a job's fault: takes back what postpone counted as lost. */
async function forgive(tx: Transaction, jobs: readonly Late[]): Promise<void> {
  await tx.query(sql.unsafe`
    UPDATE job SET lost_dispatches = greatest(0, job.lost_dispatches - 1)
    FROM unnest(${sql.array(
      jobs.map((job) => job.tenant),
      'text',
    )}, ${sql.array(
      jobs.map((job) => job.id),
      'uuid',
    )}) AS forgiven (tenant_id, id)
    WHERE job.tenant_id = forgiven.tenant_id AND job.id = forgiven.id`);
}

async function postpone(
  tx: Transaction,
  late: readonly Late[],
  lost: readonly Late[],
  sweep_after_ms: number,
): Promise<void> {
  const tenants = late.map((job) => job.tenant);
  const ids = late.map((job) => job.id);
  const lostIds = new Set(lost.map((job) => job.id));
  await tx.query(sql.unsafe`
    UPDATE job SET sweep_at = greatest(now(), job.run_at) + ${sweep_after_ms} * interval '1 millisecond',
                   dispatch_number = job.dispatch_number + late.lost::integer,
                   lost_dispatches = job.lost_dispatches + late.lost::integer
    FROM unnest(${sql.array(tenants, 'text')}, ${sql.array(ids, 'uuid')},
                ${sql.array(
                  ids.map((id) => lostIds.has(id)),
                  'bool',
                )}) AS late (tenant_id, id, lost)
    WHERE job.tenant_id = late.tenant_id AND job.id = late.id`);
}

function deadJobs(tx: Transaction, after: string): Promise<readonly DeadRoute[]> {
  const row = routeRow.extend({ attempts: z.number(), code: z.string(), message: z.string() });
  return tx.any(sql.type(row)`
    SELECT ${ROUTE_COLUMNS}, job.attempt AS attempts, coalesce(job.code, '') AS code, coalesce(job.message, '') AS message
    FROM job WHERE job.tenant_id = current_tenant() AND job.state = 'dead' AND job.id > ${after}
    ORDER BY job.id LIMIT ${BURY_BATCH_MAX}`);
}
