import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool, Transaction } from '../db/pools.ts';
import { inTenant } from '../db/transaction.ts';
import type { Carrier } from './carrier.ts';
import type { DeadLetters, DeadRoute } from './dead-letters.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { RuntimeEvents } from './events.ts';
import { dispatchHeads } from './execution.ts';
import { reach } from './faults.ts';
import { RELEASE_BATCH_MAX } from './release.ts';
import { ITS_TURN, ROUTE_COLUMNS, routeRow } from './route.ts';
import { releaseSwitchedOn } from './switches.ts';

const SWEEP_BATCH_MAX = 500;
/** Batches a sweep at most: a flood is worked off over several sweeps, and stop() never waits long. */
const SWEEP_BATCHES_MAX = 20;
const BURY_BATCH_MAX = 500;
const BURY_BATCHES_MAX = 100;
/**
 * The carrier lost a job this often in a row: it kills its worker, and is dead. With 4, innocent jobs that
 * happened to run beside such a one until it was dead died with it (test/faults/poison.slow).
 */
export const LOST_DISPATCHES_MAX = 8;
/** Sweepers of several processes take turns. */
const SWEEP_TURN = 'kist sweep';
export const MARKER_QUEUE = 'kist-marker';
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
    const carrierForgot = await this.#recoverLostCarrier();
    let looked_at = 0;
    let dispatched = 0;
    for (let batch = 0; batch < SWEEP_BATCHES_MAX; batch += 1) {
      const swept = await this.#sweepBatch(carrierForgot);
      looked_at += swept.looked_at;
      dispatched += swept.dispatched;
      if (swept.looked_at < SWEEP_BATCH_MAX) break;
    }
    await this.#buryOverdue();
    dispatched += await this.#releaseSwitchedOn();
    events.emit('swept', { looked_at, dispatched });
    return dispatched;
  }

  /**
   * Rows are locked by two short statements only, and not while the carrier is asked: a worker that meets
   * a locked row takes it for a twin's. The second one passes over what moved in between.
   *
   * @param carrierForgot a carrier that lost its memory is no job's fault: nothing counts as lost
   */
  async #sweepBatch(carrierForgot: boolean): Promise<{ looked_at: number; dispatched: number }> {
    const { carrierPool, carrier, dispatcher, sweep_after_ms, giveUp } = this.#options;
    const late = await carrierPool.transaction(lateJobs);
    if (late.length === 0) return { looked_at: 0, dispatched: 0 };
    const held = await carrier.holds(late);
    const missing = new Set(late.filter((job) => job.its_turn && !held.has(job.id)).map((job) => job.id));
    const postponed = await carrierPool.transaction(async (tx) => {
      if (!(await hasTurn(tx))) return new Set();
      const ids = await postpone(tx, late, { missing, counts: !carrierForgot, sweep_after_ms });
      await reach('sweep.before-commit');
      return new Set(ids);
    });
    const swept = { late, lost: late.filter((job) => missing.has(job.id) && postponed.has(job.id)) };
    const hopeless = swept.lost.filter((job) => !carrierForgot && job.lost_dispatches >= LOST_DISPATCHES_MAX);
    for (const job of hopeless) await giveUp(job);
    const again = swept.lost.filter((job) => !hopeless.includes(job));
    const told = await dispatcher.tell(
      again.map((job) => ({ ...job, dispatch_number: job.dispatch_number + 1 })),
    );
    if (!told && !carrierForgot) await carrierPool.transaction((tx) => forgive(tx, again));
    return { looked_at: swept.late.length, dispatched: again.length };
  }

  /**
   * A job far in the future marks a carrier that still has its memory. Where it is missing, everything
   * open is swept at once instead of when its time comes, and every dead letter is laid out again.
   * @returns whether it was
   */
  async #recoverLostCarrier(): Promise<boolean> {
    const { carrier, carrierPool } = this.#options;
    const queue = carrier.queue(MARKER_QUEUE);
    if (await queue.getJob(MARKER_ID)) return false;
    await carrierPool.query(sql.unsafe`
      WITH open AS (
        SELECT tenant_id, id FROM job WHERE state = 'pending' AND sweep_at > now() AND lease_until IS NULL
        FOR NO KEY UPDATE SKIP LOCKED
      )
      UPDATE job SET sweep_at = now() FROM open WHERE job.tenant_id = open.tenant_id AND job.id = open.id`);
    await carrierPool.query(sql.unsafe`UPDATE job SET sweep_at = now() WHERE state = 'dead'`);
    await queue.add('marker', {}, { jobId: MARKER_ID, delay: MARKER_DELAY_MS });
    return true;
  }

  /** Dead jobs whose worker died before it could lay them on their dead-letter queue, or whose queue is lost. */
  async #buryOverdue(): Promise<void> {
    const { app, carrierPool, deadLetters } = this.#options;
    const tenants = await carrierPool.anyFirst(sql.type(z.object({ tenant_id: z.string() }))`
      SELECT DISTINCT tenant_id FROM job WHERE state = 'dead' AND sweep_at <= now()`);
    for (const tenant of tenants) {
      for (let batch = 0; batch < BURY_BATCHES_MAX; batch += 1) {
        const dead = await inTenant(app, tenant, overdueDead);
        if (!(await deadLetters.bury(dead))) return;
        await inTenant(app, tenant, (tx) => buried(tx, dead));
        if (dead.length < BURY_BATCH_MAX) break;
      }
    }
  }

  async #releaseSwitchedOn(): Promise<number> {
    const { app, dispatcher, events, sweep_after_ms } = this.#options;
    let released = 0;
    for (const tenant of await this.#tenantsWith('held', 'kill-switch')) {
      for (let batch = 0; batch < SWEEP_BATCHES_MAX; batch += 1) {
        const some = await inTenant(app, tenant, (tx) => releaseSwitchedOn(tx, sweep_after_ms));
        dispatcher.dispatch(some.routes);
        dispatchHeads({ pool: app, dispatcher, events }, tenant, some.orderingKeys);
        released += some.count;
        if (some.count < RELEASE_BATCH_MAX) break;
      }
    }
    return released;
  }

  #tenantsWith(state: 'held', code: string): Promise<readonly string[]> {
    return this.#options.carrierPool.anyFirst(sql.type(z.object({ tenant_id: z.string() }))`
      SELECT tenant_id FROM tenant
      WHERE EXISTS (SELECT FROM job WHERE job.tenant_id = tenant.tenant_id AND job.state = ${state} AND job.code = ${code})`);
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

/** Puts the next look at late jobs off, those that moved meanwhile apart. @returns the ids put off */
function postpone(
  tx: Transaction,
  late: readonly Late[],
  options: { missing: ReadonlySet<string>; counts: boolean; sweep_after_ms: number },
): Promise<readonly string[]> {
  const { missing, counts, sweep_after_ms } = options;
  const column = <T>(read: (job: Late) => T): T[] => late.map(read);
  return tx.anyFirst(sql.type(z.object({ id: z.string() }))`
    WITH late AS (
      SELECT * FROM unnest(${sql.array(
        column((job) => job.tenant),
        'text',
      )}, ${sql.array(
        column((job) => job.id),
        'uuid',
      )}, ${sql.array(
        column((job) => job.dispatch_number),
        'int4',
      )}, ${sql.array(
        column((job) => missing.has(job.id)),
        'bool',
      )}) AS late (tenant_id, id, dispatch_number, missing)
    ), still AS (
      SELECT job.tenant_id, job.id, late.missing FROM job JOIN late USING (tenant_id, id, dispatch_number)
      WHERE job.state = 'pending' FOR NO KEY UPDATE OF job SKIP LOCKED
    )
    UPDATE job SET sweep_at = greatest(now(), job.run_at) + ${sweep_after_ms} * interval '1 millisecond',
                   dispatch_number = job.dispatch_number + still.missing::integer,
                   lost_dispatches = job.lost_dispatches + (still.missing AND ${counts})::integer
    FROM still WHERE job.tenant_id = still.tenant_id AND job.id = still.id
    RETURNING job.id`);
}

function overdueDead(tx: Transaction): Promise<readonly DeadRoute[]> {
  const row = routeRow.extend({ attempts: z.number(), code: z.string(), message: z.string() });
  return tx.any(sql.type(row)`
    SELECT ${ROUTE_COLUMNS}, job.attempt AS attempts, coalesce(job.code, '') AS code, coalesce(job.message, '') AS message
    FROM job WHERE job.tenant_id = current_tenant() AND job.state = 'dead' AND job.sweep_at <= now()
    ORDER BY job.id LIMIT ${BURY_BATCH_MAX}`);
}

async function buried(tx: Transaction, dead: readonly DeadRoute[]): Promise<void> {
  await tx.query(sql.unsafe`
    UPDATE job SET sweep_at = NULL
    WHERE tenant_id = current_tenant() AND state = 'dead' AND id = ANY(${sql.array(
      dead.map((job) => job.id),
      'uuid',
    )})`);
}
