import { openPool } from '../db/pools.ts';
import { openBox } from '../keys.ts';
import type { Checked } from '../ledger/invariants.ts';
import { type EconomicState, economicState } from './check/state.ts';
import { checkAll } from './check/verdicts.ts';
import { Calls } from './life/calls.ts';
import { type Life, live, untilAtRest } from './life/live.ts';
import { waitOut } from './life/patience.ts';
import type { SimulationOptions } from './options.ts';
import { dateOf, morning } from './plan/calendar.ts';
import { planMishaps } from './plan/mishaps.ts';
import { Plan } from './plan/plan.ts';
import { type Figures, gatherFigures } from './report/figures.ts';
import { addClients, addLender, GATEWAY, TENANT, WEBHOOK_SECRETS } from './world/lender.ts';
import { World } from './world/world.ts';

const CONNECTIONS_MAX = 4;

export interface Simulated {
  options: SimulationOptions;
  life: Life;
  checked: Checked[];
  state: EconomicState;
  figures: Figures;
  /** The living itself, without servers starting and checks. */
  took_ms: number;
}

export interface Watch {
  /** How many of the days are over. */
  onDay?(done: number): void;
  /** What must be closed should the run be cut short. */
  onOpen?(world: World): void;
  /** Called when all is lived through and before it is checked: for tests that break something. */
  beforeChecks?(world: World): Promise<void>;
}

/**
 * Lives a portfolio's life through in a private installation and checks what came of it.
 * @throws Stuck where nothing moves any more; RangeError where the carrier wanted is not to be had
 */
export async function simulate(options: SimulationOptions, watch: Watch = {}): Promise<Simulated> {
  const plan = new Plan(options);
  const world = await World.create(options, morning(dateOf(0)));
  watch.onOpen?.(world);
  let end: 'gently' | 'at-once' = 'at-once';
  try {
    const simulated = await run(world, plan, watch);
    end = 'gently';
    return simulated;
  } catch (error) {
    if (error instanceof Error) error.message += `\n${await world.logs()}`;
    throw error;
  } finally {
    await world.close(end);
  }
}

async function run(world: World, plan: Plan, watch: Watch): Promise<Simulated> {
  const { options } = plan;
  const pool = await openPool(world.postgres.url, { role: 'kist_app', connections_max: CONNECTIONS_MAX });
  try {
    await addLender(pool, plan.calendar, await openBox(world.config));
    const url = await world.open();
    const clients = await addClients(pool, url);
    world.gateway.setWebhook({ url: `${url}/v1/webhooks/${GATEWAY}/${TENANT}`, ...WEBHOOK_SECRETS });
    const duplicates = options.faults.includes('duplicate-calls') ? options : null;
    const calls = new Calls(clients, duplicates, (action) =>
      world.gateway.script(...planMishaps(options, action)),
    );
    const started = performance.now();
    const life = await live(world, plan, calls, (done) => watch.onDay?.(done));
    await untilAtRest(world);
    await untilFollowed(world);
    const took_ms = performance.now() - started;
    plan.end();
    await watch.beforeChecks?.(world);
    const checked = await checkAll(world, pool, { plan, life, places: calls.loans });
    const state = await economicState(world);
    const figures = await gatherFigures(world);
    return { options, life, checked, state, figures, took_ms };
  } finally {
    await pool.end();
  }
}

/** Waits until scores, alerts and events have followed the books. */
function untilFollowed(world: World): Promise<void> {
  return waitOut(async () => {
    const [row] = await world.sql<{ behind: string }>(
      `SELECT count(*)::text AS behind FROM unfollowed WHERE tenant_id = $1`,
      [TENANT],
    );
    return row!.behind === '0' ? null : `the followers are ${row!.behind} postings behind`;
  });
}
