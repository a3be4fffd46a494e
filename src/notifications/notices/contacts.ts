import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { addressOf } from '../channels.ts';
import { NotificationError } from '../errors.ts';
import { personFields, sharedFields } from '../payload.ts';

/** A person has a few; of more, the oldest is forgotten. */
export const DEVICES_MAX = 10;
const TOKEN_MAX = 1_000;
const TOKEN_SHOWN = 8;

export const deviceToken = addressOf.push.max(TOKEN_MAX);

/** How a borrower is reached, said whole: what is left out is not known, but for `phone` and `devices`. */
export const contactRequest = z.strictObject({
  email: addressOf.email.optional(),
  phone: addressOf.sms.optional().meta({ description: 'stays as it is if left out' }),
  locale: sharedFields.locale.meta({
    description: 'in which the borrower is written to; default: the tenant’s',
  }),
  time_zone: personFields.time_zone,
  devices: z
    .array(deviceToken)
    .max(DEVICES_MAX)
    .optional()
    .meta({ description: 'tokens of Firebase; stay as they are if left out' }),
});
export type ContactRequest = z.output<typeof contactRequest>;

const contactRow = z.object({
  id: z.string(),
  email: z.string().nullable(),
  phone: z.string(),
  locale: z.string().nullable(),
  time_zone: z.string().nullable(),
});
const deviceRow = z.object({ token: z.string(), added_at: z.date() });

export interface Contact extends Omit<z.output<typeof contactRow>, 'id'> {
  devices: readonly z.output<typeof deviceRow>[];
}

const COLUMNS = sql.fragment`id, email, phone, locale, time_zone`;

/** @throws NotificationError not-found (no such borrower) */
export async function contactOf(tx: Transaction, reference: string): Promise<Contact> {
  return withDevices(
    tx,
    await tx.maybeOne(sql.type(contactRow)`
      SELECT ${COLUMNS} FROM borrower WHERE tenant_id = current_tenant() AND reference = ${reference}`),
    reference,
  );
}

/** @throws NotificationError not-found (no such borrower) */
export async function setContact(
  tx: Transaction,
  reference: string,
  request: ContactRequest,
  now: Date,
): Promise<Contact> {
  const { email = null, phone = null, locale = null, time_zone = null, devices } = request;
  const row = await tx.maybeOne(sql.type(contactRow)`
    UPDATE borrower SET email = ${email}, phone = coalesce(${phone}, phone), locale = ${locale}, time_zone = ${time_zone}
    WHERE tenant_id = current_tenant() AND reference = ${reference}
    RETURNING ${COLUMNS}`);
  if (row && devices) {
    await tx.query(sql.unsafe`
      DELETE FROM borrower_device
      WHERE tenant_id = current_tenant() AND borrower_id = ${row.id} AND token <> ALL (${sql.array([...devices], 'text')})`);
    await addDevices(tx, row.id, devices, now);
  }
  return withDevices(tx, row, reference);
}

/** A token that was another borrower's is this one's from now on. @throws NotificationError not-found */
export async function addDevice(
  tx: Transaction,
  reference: string,
  token: string,
  now: Date,
): Promise<Contact> {
  const id = await tx.maybeOneFirst(sql.type(z.object({ id: z.string() }))`
    SELECT id FROM borrower WHERE tenant_id = current_tenant() AND reference = ${reference}
    FOR NO KEY UPDATE`);
  if (id !== null) await addDevices(tx, id, [token], now);
  return contactOf(tx, reference);
}

async function addDevices(
  tx: Transaction,
  borrower: string,
  tokens: readonly string[],
  now: Date,
): Promise<void> {
  await tx.query(sql.unsafe`
    INSERT INTO borrower_device (tenant_id, token, borrower_id, added_at)
    SELECT current_tenant(), token, ${borrower}, ${now.toISOString()}
    FROM unnest(${sql.array([...new Set(tokens)], 'text')}) AS token
    ON CONFLICT (tenant_id, token) DO UPDATE SET borrower_id = excluded.borrower_id, added_at = excluded.added_at
    WHERE borrower_device.borrower_id <> excluded.borrower_id`);
  await tx.query(sql.unsafe`
    DELETE FROM borrower_device WHERE tenant_id = current_tenant() AND token IN (
      SELECT token FROM borrower_device WHERE tenant_id = current_tenant() AND borrower_id = ${borrower}
      ORDER BY added_at DESC, token OFFSET ${DEVICES_MAX})`);
}

/** Firebase knows the token no more: the app was removed. */
export async function forgetDevice(tx: Transaction, token: string): Promise<void> {
  await tx.query(sql.prepared('forget_device', z.object({}))`
    DELETE FROM borrower_device WHERE tenant_id = current_tenant() AND token = ${token}`);
}

async function withDevices(
  tx: Transaction,
  row: z.output<typeof contactRow> | null,
  reference: string,
): Promise<Contact> {
  if (!row) throw new NotificationError('not-found', `There is no borrower ${reference}.`);
  const { id, ...contact } = row;
  const devices = await tx.any(sql.type(deviceRow)`
    SELECT token, added_at FROM borrower_device
    WHERE tenant_id = current_tenant() AND borrower_id = ${id} ORDER BY added_at DESC, token`);
  return { ...contact, devices };
}

/** A token as it may be shown: enough to tell it from others. */
export function shownToken(token: string): string {
  return `…${token.slice(-TOKEN_SHOWN)}`;
}

const readerRow = z.object({
  id: z.string(),
  reference: z.string(),
  name: z.string(),
  phone: z.string(),
  email: z.string().nullable(),
  locale: z.string().nullable(),
  time_zone: z.string().nullable(),
  tokens: z.array(z.string()),
});
/** A borrower who is to be told something. */
export type Reader = z.output<typeof readerRow>;

/** Those that are there, by id. */
export async function readersOf(tx: Transaction, borrowers: readonly string[]): Promise<Map<string, Reader>> {
  const rows = await tx.any(sql.prepared('notice_readers', readerRow)`
    SELECT b.id, b.reference, b.name, b.phone, b.email, b.locale, b.time_zone, d.tokens
    FROM unnest(${sql.array([...new Set(borrowers)], 'uuid')}) AS given (id)
    CROSS JOIN LATERAL (
      SELECT * FROM borrower WHERE tenant_id = current_tenant() AND id = given.id LIMIT 1) AS b
    CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(token ORDER BY added_at DESC, token), '{}') AS tokens FROM borrower_device
      WHERE tenant_id = current_tenant() AND borrower_id = given.id) AS d`);
  return new Map(rows.map((row) => [row.id, row]));
}
