import { setTimeout as pause } from 'node:timers/promises';
import { businessDate } from '../../calendar/business-date.ts';
import type { Action, PlannedDay, PlannedFault } from '../plan/actions.ts';
import { dateOf, morning, night } from '../plan/calendar.ts';
import type { Plan } from '../plan/plan.ts';
import { TENANT } from '../world/lender.ts';
import type { World } from '../world/world.ts';
import { type Calls, failureOf } from './calls.ts';
import { Stuck, together, waitOut } from './patience.ts';

const ACTIONS_AT_ONCE = 16;

/** What a day of the life came to, in the wall's time. */
export interface LivedDay {
  day: number;
  date: string;
  took_ms: number;
  actions: number;
  calls: number;
  faults: string[];
}

export interface Life {
  days: LivedDay[];
  /** What came otherwise than the plan says it must. */
  surprises: string[];
  /** Calls of which two copies became two things. */
  doubled: string[];
  actions: number;
}

/** Lives a plan through in a world that stands open. @throws Stuck where nothing moves any more */
export async function live(
  world: World,
  plan: Plan,
  calls: Calls,
  onDay: (done: number) => void,
): Promise<Life> {
  const life: Life = { days: [], surprises: [], doubled: [], actions: 0 };
  // The runs that are due before the first day, so that every schedule begins with the same date.
  await world.moveTo(morning(dateOf(0)));
  await untilAtRest(world);
  let postponed: PlannedFault[] = [];
  let leapt: string[] = [];
  for (const day of plan.days()) {
    const is_last = day.day === plan.options.days - 1;
    if (day.is_leapt_over && !is_last) {
      postponed = [...postponed, ...day.faults];
      leapt = ['clock-jump'];
      onDay(day.day + 1);
      continue;
    }
    const faults = [...postponed, ...day.faults];
    const closes = day.is_business_day || leapt.length > 0 || is_last;
    life.days.push(await liveDay({ world, plan, calls, life }, { ...day, faults }, { closes, leapt }));
    [postponed, leapt] = [[], []];
    onDay(day.day + 1);
  }
  return life;
}

interface Stage {
  world: World;
  plan: Plan;
  calls: Calls;
  life: Life;
}

async function liveDay(
  stage: Stage,
  day: PlannedDay,
  { closes, leapt }: { closes: boolean; leapt: string[] },
): Promise<LivedDay> {
  const { world, plan, life } = stage;
  const started = performance.now();
  const lived: LivedDay = {
    ...{ day: day.day, date: day.date, took_ms: 0, actions: day.waves.flat().length, calls: 0 },
    faults: [...leapt, ...day.faults.map(({ fault }) => fault)],
  };
  const faultsOf = (phase: PlannedFault['phase']) => day.faults.filter((fault) => fault.phase === phase);
  if (day.waves.length > 0 || faultsOf('acting').length > 0) {
    await world.moveTo(morning(day.date));
    await untilAtRest(world);
    await Promise.all([
      actAll(stage, day, lived),
      ...faultsOf('acting').map((fault) => breakSomething(world, fault)),
    ]);
    await untilAtRest(world);
  }
  if (closes) {
    const closing = async () => {
      await world.moveTo(night(day.date));
      await untilClosed(world, businessDate(night(day.date), plan.calendar));
      await untilAtRest(world);
    };
    await Promise.all([closing(), ...faultsOf('closing').map((fault) => breakSomething(world, fault))]);
  } else for (const fault of faultsOf('closing')) await breakSomething(world, fault);
  if (world.crash) throw new Stuck(world.crash);
  life.actions += lived.actions;
  lived.took_ms = performance.now() - started;
  return lived;
}

async function actAll({ calls, life, world }: Stage, day: PlannedDay, lived: LivedDay): Promise<void> {
  for (const wave of day.waves) {
    await together(wave, ACTIONS_AT_ONCE, async (action) => {
      const { outcome, calls: sent, doubled } = await trying(calls, action);
      lived.calls += sent;
      life.doubled.push(...doubled);
      if (outcome !== action.expected) {
        life.surprises.push(
          `${day.date} ${action.deed.do} ${action.id}: planned ${action.expected}, came ${outcome}`,
        );
      }
    });
    if (world.crash) throw new Stuck(world.crash);
  }
}

async function trying(calls: Calls, action: Action) {
  try {
    return await calls.act(action);
  } catch (error) {
    return { outcome: failureOf(error), calls: 1, doubled: [] };
  }
}

async function breakSomething(world: World, { fault, after_ms }: PlannedFault): Promise<void> {
  await pause(after_ms);
  if (fault === 'kill-worker') return world.killWorker();
  if (fault === 'flush-carrier') return world.flushCarrier();
  return world.restartPostgres();
}

interface OpenJob {
  id: string;
  kind: string;
  key: string;
  state: string;
  why: string | null;
}

const NAMED_MAX = 5;
/** Nobody could say whether it was paid: the gateway is asked again when a day is over. */
const IN_SUSPENSE = `state = 'held' AND kind = 'payments.payout' AND code = 'unknown-outcome'`;

/** Jobs that are not at rest. @throws Stuck at once where a process ended, or one waits for a person */
async function openJobs(world: World): Promise<readonly OpenJob[]> {
  if (world.crash) throw new Stuck(`${world.crash}.`);
  const jobs = await world.sql<OpenJob>(
    `SELECT id, kind, key, state, nullif(concat_ws(': ', code, message), '') AS why FROM job
     WHERE tenant_id = $1 AND state IN ('pending', 'held', 'dead') AND NOT (${IN_SUSPENSE}) ORDER BY id`,
    [TENANT],
  );
  const troubled = jobs.filter(({ state }) => state !== 'pending');
  if (troubled.length > 0) throw new Stuck(`Waiting for a person: ${named(troubled)}.`);
  return jobs;
}

function named(jobs: readonly OpenJob[]): string {
  const told = jobs.slice(0, NAMED_MAX).map(({ kind, key, state, why }) => {
    return `${kind} ${key} is ${state}${why ? ` (${why})` : ''}`;
  });
  return jobs.length > NAMED_MAX
    ? `${told.join('; ')}; and ${jobs.length - NAMED_MAX} more`
    : told.join('; ');
}

/** Waits until the gateway has told all that happened, and no job of the lender's is left to be done. */
export function untilAtRest(world: World): Promise<void> {
  return waitOut(async () => {
    const told = await world.gateway.tick();
    const looks = await looksDue(world);
    const open = await openJobs(world);
    if (told === 0 && looks === 0 && open.length === 0) return null;
    return `${open.length} jobs are open, ${looks} payouts to be looked at: ${named(open)}`;
  });
}

async function looksDue(world: World): Promise<number> {
  const [row] = await world.sql<{ due: number }>(
    `SELECT count(*)::int AS due FROM payout WHERE tenant_id = $1 AND next_look_at <= $2`,
    [TENANT, world.now.toISOString()],
  );
  return row!.due;
}

/** Waits until every business day through `date` is closed. */
function untilClosed(world: World, date: string): Promise<void> {
  return waitOut(async () => {
    const [last] = await world.sql<{ business_date: string; state: string }>(
      `SELECT business_date::text, state FROM business_day
       WHERE tenant_id = $1 ORDER BY business_date DESC LIMIT 1`,
      [TENANT],
    );
    if (last?.business_date === date && last.state === 'closed') return null;
    const open = await openJobs(world);
    return `${date} is not closed; the last day is ${last?.business_date}, ${last?.state}; ${named(open) || 'no job is open'}`;
  });
}
