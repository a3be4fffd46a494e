import { sql } from 'slonik';
import { z } from 'zod';
import {
  addDays,
  businessDate,
  type Calendar,
  type IsoDate,
  localDate,
  localTime,
  nextBusinessDate,
} from '../calendar/business-date.ts';
import type { Pool, Transaction } from '../db/pools.ts';
import { inTenant } from '../db/transaction.ts';
import type { ScheduleDefinition } from './definition.ts';
import { type Execution, Outbox } from './execution.ts';

/** Missed dates that one tick makes good for one schedule; more follow with the next tick. */
const CATCH_UP_MAX = 400;

export interface ScheduleRun {
  schedule: string;
  business_date: IsoDate;
  job_id: string;
  accepted_at: Date;
}

interface TenantCalendar extends Calendar {
  tenant: string;
}

/**
 * Accepts the runs that are due, of every tenant and schedule, missed business dates included and in
 * order. A run is a row (tenant, schedule, business date) and a job under a key made of the same, in one
 * transaction: a doubled or lost tick changes nothing.
 */
export class Schedules {
  readonly #execution: Pick<
    Execution,
    'pool' | 'registry' | 'sweep_after_ms' | 'dispatcher' | 'events' | 'clock'
  >;
  readonly #carrierPool: Pool;

  constructor(
    execution: Pick<Execution, 'pool' | 'registry' | 'sweep_after_ms' | 'dispatcher' | 'events' | 'clock'>,
    carrierPool: Pool,
  ) {
    this.#execution = execution;
    this.#carrierPool = carrierPool;
  }

  /**
   * @returns how many runs were accepted
   * @throws AggregateError of what went wrong with some, after all the others have had their turn
   */
  async run(): Promise<number> {
    const errors: Error[] = [];
    let accepted = 0;
    for (const calendar of await tenantCalendars(this.#carrierPool)) {
      const { tenant } = calendar;
      const last = await this.#lastRuns(tenant).catch((cause) => {
        errors.push(new Error(`What ran last of ${tenant} could not be read.`, { cause }));
      });
      if (!last) continue;
      for (const schedule of this.#execution.registry.schedules) {
        try {
          accepted += await this.#catchUp(calendar, schedule, last.get(schedule.name) ?? null);
        } catch (cause) {
          errors.push(new Error(`Schedule ${schedule.name} of ${tenant} could not run.`, { cause }));
        }
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, errors.map((error) => error.message).join(' '));
    return accepted;
  }

  #lastRuns(tenant: string): Promise<Map<string, IsoDate>> {
    const { pool, registry } = this.#execution;
    const names = registry.schedules.map(({ name }) => name);
    return inTenant(pool, tenant, (tx) => lastRuns(tx, names));
  }

  async #catchUp(
    calendar: TenantCalendar,
    schedule: ScheduleDefinition,
    last: IsoDate | null,
  ): Promise<number> {
    const due = latestDue(this.#execution.clock.now(), schedule, calendar);
    let accepted = 0;
    for (const date of missingDates(last, due, calendar)) {
      accepted += (await this.#accept(calendar.tenant, schedule, date)) ? 1 : 0;
    }
    return accepted;
  }

  async #accept(tenant: string, schedule: ScheduleDefinition, business_date: IsoDate): Promise<boolean> {
    const { pool } = this.#execution;
    const outbox = new Outbox(this.#execution, tenant, `schedule:${schedule.name}`, null);
    const accepted = await inTenant(pool, tenant, async (tx) => {
      outbox.clear();
      const payload = schedule.payload({ tenant, business_date });
      const [job] = await outbox.accept(tx, [
        { kind: schedule.kind, key: `${schedule.name}:${business_date}`, payload },
      ]);
      return recordRun(tx, schedule.name, business_date, job!.id);
    });
    outbox.committed();
    return accepted;
  }
}

/** The last business date whose run is due at `now`. */
export function latestDue(now: Date, schedule: Pick<ScheduleDefinition, 'at'>, calendar: Calendar): IsoDate {
  const today = localDate(now, calendar.time_zone);
  const current = businessDate(now, calendar);
  if (current !== today || localTime(now, calendar.time_zone) >= schedule.at) return current;
  return businessDate(new Date(`${addDays(today, -1)}T12:00:00Z`), { ...calendar, time_zone: 'UTC' });
}

/** Business dates after `last` up to `due`; a schedule that never ran begins with the date due now. */
export function missingDates(last: IsoDate | null, due: IsoDate, calendar: Calendar): IsoDate[] {
  if (last === null) return [due];
  const dates: IsoDate[] = [];
  for (let date = nextBusinessDate(last, calendar); date <= due && dates.length < CATCH_UP_MAX; ) {
    dates.push(date);
    date = nextBusinessDate(date, calendar);
  }
  return dates;
}

async function tenantCalendars(carrierPool: Pool): Promise<TenantCalendar[]> {
  const row = z.object({ tenant: z.string(), time_zone: z.string(), holidays: z.array(z.string()) });
  const rows = await carrierPool.any(sql.type(row)`
    SELECT tenant_id AS tenant, time_zone,
           ARRAY(SELECT on_date::text FROM holiday WHERE holiday.tenant_id = tenant.tenant_id) AS holidays
    FROM tenant WHERE tenant_id <> 'platform' ORDER BY tenant_id`);
  return rows.map((tenant) => ({ ...tenant, holidays: new Set(tenant.holidays) }));
}

/** The last business date of each schedule that ever ran: one look a tenant, since every tick looks. */
async function lastRuns(tx: Transaction, schedules: readonly string[]): Promise<Map<string, IsoDate>> {
  const row = z.object({ schedule: z.string(), last: z.string() });
  const rows = await tx.any(sql.type(row)`
    SELECT given.schedule, run.business_date AS last
    FROM unnest(${sql.array(schedules, 'text')}) AS given (schedule), LATERAL (
      SELECT business_date FROM schedule_run
      WHERE tenant_id = current_tenant() AND schedule = given.schedule
      ORDER BY business_date DESC LIMIT 1) AS run`);
  return new Map(rows.map(({ schedule, last }) => [schedule, last]));
}

async function recordRun(tx: Transaction, schedule: string, date: IsoDate, jobId: string): Promise<boolean> {
  const result = await tx.query(sql.unsafe`
    INSERT INTO schedule_run (tenant_id, schedule, business_date, job_id)
    VALUES (current_tenant(), ${schedule}, ${date}, ${jobId}) ON CONFLICT DO NOTHING`);
  return result.rowCount > 0;
}

/** The runs of a tenant, newest first. */
export function listRuns(tx: Transaction, limit: number): Promise<readonly ScheduleRun[]> {
  const row = z.object({
    schedule: z.string(),
    business_date: z.string(),
    job_id: z.string(),
    accepted_at: z.date(),
  });
  return tx.any(sql.type(row)`
    SELECT schedule, business_date, job_id, accepted_at FROM schedule_run
    WHERE tenant_id = current_tenant() ORDER BY business_date DESC, schedule LIMIT ${limit}`);
}
