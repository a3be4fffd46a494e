import { sql } from 'slonik';
import { z } from 'zod';
import type { Calendar, IsoDate } from '../calendar/business-date.ts';
import type { Pool, Transaction } from '../db/pools.ts';
import { inTenant } from '../db/transaction.ts';
import { PLATFORM } from './actor.ts';

const HOLIDAYS_MAX = 1_000;

/** A new tenant as somebody asks for it; also what the command line and the API check against. */
export const newTenant = z.strictObject({
  tenant: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be a-z, 0-9 and -, begin with a letter, at most 31 characters')
    .refine((tenant) => tenant !== PLATFORM, 'is reserved'),
  name: z.string().min(1).max(200),
  time_zone: z
    .string()
    .refine(isTimeZone, 'must be an IANA time zone, e.g. Asia/Kolkata')
    .default('Asia/Kolkata'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code, e.g. INR')
    .default('INR'),
});
export type NewTenant = z.input<typeof newTenant>;

/**
 * Adds a tenant. Its chart of accounts is opened by the caller (openChart of src/ledger).
 * @returns false where there is one of this name already; it stays as it is.
 * @throws ZodError naming the wrong field
 */
export async function addTenant(pool: Pool, given: NewTenant): Promise<boolean> {
  const { tenant, name, time_zone, currency } = newTenant.parse(given);
  return inTenant(pool, tenant, async (tx) => {
    const inserted = await tx.query(sql.unsafe`
      INSERT INTO tenant (tenant_id, name, time_zone, currency)
      VALUES (${tenant}, ${name}, ${time_zone}, ${currency})
      ON CONFLICT (tenant_id) DO NOTHING`);
    return inserted.rowCount === 1;
  });
}

const tenantView = z.object({
  tenant: z.string(),
  name: z.string(),
  time_zone: z.string(),
  currency: z.string(),
  created_at: z.date(),
});
export type TenantView = z.infer<typeof tenantView>;

/** Every tenant but the platform itself, by name. */
export function listTenants(pool: Pool): Promise<readonly TenantView[]> {
  return pool.any(sql.type(tenantView)`
    SELECT tenant_id AS tenant, name, time_zone, currency, created_at
    FROM list_tenants() WHERE tenant_id <> ${PLATFORM}`);
}

/** What the transaction's tenant calls itself; null where there is no such tenant. */
export function tenantName(tx: Transaction): Promise<string | null> {
  return tx.maybeOneFirst(sql.type(z.object({ name: z.string() }))`
    SELECT name FROM tenant WHERE tenant_id = current_tenant()`);
}

const calendarRow = z.object({ time_zone: z.string(), holidays: z.array(z.string()) });

/**
 * The business calendar of the transaction's tenant.
 * @throws NotFoundError (slonik) where there is no such tenant
 */
export async function calendarIn(tx: Transaction): Promise<Calendar> {
  const row = await tx.one(sql.type(calendarRow)`
    SELECT time_zone, ARRAY(SELECT on_date::text FROM holiday WHERE holiday.tenant_id = tenant.tenant_id) AS holidays
    FROM tenant WHERE tenant_id = current_tenant()`);
  return { time_zone: row.time_zone, holidays: new Set(row.holidays) };
}

/** As calendarIn, outside a transaction. */
export function calendarOf(pool: Pool, tenant: string): Promise<Calendar> {
  return inTenant(pool, tenant, calendarIn);
}

/** Adds days on which the tenant does no business; days already there stay. @returns how many are new. */
export async function addHolidays(
  pool: Pool,
  tenant: string,
  holidays: readonly { on_date: IsoDate; name: string }[],
): Promise<number> {
  if (holidays.length > HOLIDAYS_MAX) throw new RangeError(`At most ${HOLIDAYS_MAX} holidays at once.`);
  const days = holidays.map((day) => [z.iso.date().parse(day.on_date), day.name]);
  return inTenant(pool, tenant, async (tx) => {
    const inserted = await tx.query(sql.unsafe`
      INSERT INTO holiday (tenant_id, on_date, name)
      SELECT ${tenant}, given.* FROM ${sql.unnest(days, ['date', 'text'])} AS given (on_date, name)
      ON CONFLICT (tenant_id, on_date) DO NOTHING`);
    return inserted.rowCount;
  });
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
