import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { IsoDate } from '../../calendar/business-date.ts';
import { arrayText } from '../../db/array-text.ts';
import type { Transaction } from '../../db/pools.ts';
import { analyze } from './analyze.ts';
import type { BankLine, GatewayLine, StatementKind, StatementLine } from './lines.ts';

/** Whose statement, and which. `gateway` is null for a bank's. */
export interface StatementOf {
  kind: StatementKind;
  gateway: string | null;
}

/** A statement that is being read. */
export interface Load extends StatementOf {
  id: string;
}

const loadRow = z.object({
  id: z.string(),
  kind: z.enum(['bank', 'settlement', 'account']),
  gateway: z.string().nullable(),
  source: z.string(),
  lines: z.number(),
  from_on: z.string().nullable(),
  to_on: z.string().nullable(),
});
export type LoadView = z.output<typeof loadRow>;

const COLUMNS = sql.fragment`id, kind, gateway, source, lines, from_on, to_on`;

/** The load that holds exactly this content; null where it was not read yet. */
export function loadOfContent(
  tx: Transaction,
  { kind, gateway }: StatementOf,
  content_hash: Buffer,
): Promise<LoadView | null> {
  return tx.maybeOne(sql.type(loadRow)`
    SELECT ${COLUMNS} FROM statement_load
    WHERE tenant_id = current_tenant() AND kind = ${kind} AND coalesce(gateway, '') = ${gateway ?? ''}
      AND content_hash = ${sql.binary(content_hash)} AND loaded_at IS NOT NULL`);
}

/** Begins to read; until it is finished nobody sees any of its lines. */
export async function beginLoad(
  tx: Transaction,
  of: StatementOf,
  { source, loaded_by }: { source: string; loaded_by: string },
): Promise<Load> {
  const id = uuidv7();
  await tx.query(sql.unsafe`
    INSERT INTO statement_load (tenant_id, id, kind, gateway, source, loaded_by)
    VALUES (current_tenant(), ${id}, ${of.kind}, ${of.gateway}, ${source}, ${loaded_by})`);
  return { ...of, id };
}

/** Adds a batch of lines; `first` is the number of its first. */
export async function addLines(
  tx: Transaction,
  load: Load,
  lines: readonly StatementLine[],
  first: number,
): Promise<void> {
  if (lines.length === 0) return;
  if (load.kind === 'bank') await addBankLines(tx, load, lines as readonly BankLine[], first);
  else await addGatewayLines(tx, load, lines as readonly GatewayLine[], first);
}

/** Columns are unnested side by side: as what is read from, each would be copied before. */
async function addBankLines(tx: Transaction, { id }: Load, lines: readonly BankLine[], first: number) {
  await tx.query(sql.prepared('add_bank_lines', z.object({}))`
    INSERT INTO bank_line (tenant_id, load_id, line, on_date, utr, description, debit, credit, currency, balance)
    SELECT current_tenant(), ${id}::uuid, line, on_date, utr, description, debit, credit,
           coalesce(told.currency, own.currency), balance
    FROM (SELECT currency FROM tenant WHERE tenant_id = current_tenant()) AS own, (SELECT
      generate_series(${first}::int4, ${first + lines.length - 1}::int4) AS line,
      unnest(${arrayText(lines, (line) => line.on_date)}::text::date[]) AS on_date,
      unnest(${arrayText(lines, (line) => line.utr)}::text::text[]) AS utr,
      unnest(${arrayText(lines, (line) => line.description)}::text::text[]) AS description,
      unnest(${arrayText(lines, (line) => line.debit)}::text::numeric[]) AS debit,
      unnest(${arrayText(lines, (line) => line.credit)}::text::numeric[]) AS credit,
      unnest(${arrayText(lines, (line) => line.currency)}::text::text[]) AS currency,
      unnest(${arrayText(lines, (line) => line.balance)}::text::numeric[]) AS balance) AS told`);
}

/** The day of a line is the tenant's: the day it was settled, or else happened. */
async function addGatewayLines(tx: Transaction, load: Load, lines: readonly GatewayLine[], first: number) {
  await tx.query(sql.prepared('add_gateway_lines', z.object({}))`
    INSERT INTO gateway_line (tenant_id, load_id, line, source, gateway, on_date, entity, kind, about, debit, credit,
                              amount, currency, fee, tax, status, settlement, utr, happened_at, balance, description)
    SELECT current_tenant(), ${load.id}::uuid, line, ${load.kind}, ${load.gateway},
           (coalesce(settled_at, happened_at) AT TIME ZONE own.time_zone)::date, entity, kind, about, debit, credit,
           amount, currency, fee, tax, status, settlement, utr, happened_at, balance, description
    FROM (SELECT time_zone FROM tenant WHERE tenant_id = current_tenant()) AS own, (SELECT
      generate_series(${first}::int4, ${first + lines.length - 1}::int4) AS line,
      unnest(${arrayText(lines, (line) => line.entity)}::text::text[]) AS entity,
      unnest(${arrayText(lines, (line) => line.kind)}::text::text[]) AS kind,
      unnest(${arrayText(lines, (line) => line.about)}::text::text[]) AS about,
      unnest(${arrayText(lines, (line) => line.debit)}::text::numeric[]) AS debit,
      unnest(${arrayText(lines, (line) => line.credit)}::text::numeric[]) AS credit,
      unnest(${arrayText(lines, (line) => line.amount)}::text::numeric[]) AS amount,
      unnest(${arrayText(lines, (line) => line.currency)}::text::text[]) AS currency,
      unnest(${arrayText(lines, (line) => line.fee)}::text::numeric[]) AS fee,
      unnest(${arrayText(lines, (line) => line.tax)}::text::numeric[]) AS tax,
      unnest(${arrayText(lines, (line) => line.status)}::text::text[]) AS status,
      unnest(${arrayText(lines, (line) => line.settlement)}::text::text[]) AS settlement,
      unnest(${arrayText(lines, (line) => line.utr)}::text::text[]) AS utr,
      unnest(${arrayText(lines, (line) => line.happened_at)}::text::timestamptz[]) AS happened_at,
      unnest(${arrayText(lines, (line) => line.settled_at)}::text::timestamptz[]) AS settled_at,
      unnest(${arrayText(lines, (line) => line.balance)}::text::numeric[]) AS balance,
      unnest(${arrayText(lines, (line) => line.description)}::text::text[]) AS description) AS told`);
}

/** What a statement tells of is known by its lines, or by the days that were asked for. */
export interface Finish {
  content_hash: Buffer;
  lines: number;
  days: { from: IsoDate; to: IsoDate } | null;
  now: Date;
}

/**
 * Lets a load be seen, or, where its content was read before, forgets it again.
 * @returns the load that holds the content
 */
export async function finishLoad(tx: Transaction, load: Load, finish: Finish): Promise<LoadView> {
  const before = await loadOfContent(tx, load, finish.content_hash);
  if (before) {
    await forgetLoad(tx, load);
    return before;
  }
  const lines = linesOf(load.kind);
  const finished = await tx.one(sql.type(loadRow)`
    UPDATE statement_load SET
      content_hash = ${sql.binary(finish.content_hash)}, lines = ${finish.lines}, loaded_at = ${finish.now.toISOString()},
      from_on = least(days.first, ${finish.days?.from ?? null}::date),
      to_on = greatest(days.last, ${finish.days?.to ?? null}::date)
    FROM (SELECT min(on_date) AS first, max(on_date) AS last FROM ${lines}
          WHERE tenant_id = current_tenant() AND load_id = ${load.id}) AS days
    WHERE tenant_id = current_tenant() AND id = ${load.id}
    RETURNING ${COLUMNS}`);
  if (await isAnyOther(tx, finished)) await supersede(tx, finished);
  if (finish.lines > ANALYZED_FROM_LINES) await analyze(tx, lines);
  return finished;
}

/** From here on a plan made for a small table costs more than looking at the table. */
const ANALYZED_FROM_LINES = 10_000;

function linesOf(kind: StatementKind) {
  return sql.identifier([kind === 'bank' ? 'bank_line' : 'gateway_line']);
}

/** Takes away what was begun to be read. */
export async function forgetLoad(tx: Transaction, { id, kind }: Load): Promise<void> {
  await tx.query(sql.unsafe`
    DELETE FROM ${linesOf(kind)} WHERE tenant_id = current_tenant() AND load_id = ${id}`);
  await tx.query(sql.unsafe`
    DELETE FROM statement_load WHERE tenant_id = current_tenant() AND id = ${id}`);
}

/** Loads of a source that a process began and did not live to finish. */
export function unfinishedLoads(tx: Transaction, loaded_by: string): Promise<readonly Load[]> {
  return tx.any(sql.type(loadRow.pick({ id: true, kind: true, gateway: true }))`
    SELECT id, kind, gateway FROM statement_load
    WHERE tenant_id = current_tenant() AND loaded_at IS NULL AND loaded_by = ${loaded_by}`);
}

function isAnyOther(tx: Transaction, { id, kind, gateway, from_on, to_on }: LoadView): Promise<boolean> {
  return tx.exists(sql.unsafe`
    SELECT FROM statement_load
    WHERE tenant_id = current_tenant() AND id <> ${id} AND kind = ${kind} AND coalesce(gateway, '') = ${gateway ?? ''}
      AND loaded_at IS NOT NULL AND from_on <= ${to_on} AND to_on >= ${from_on}`);
}

/**
 * What a newer statement tells again counts once: of a bank's line, the same line; of a gateway's, the same
 * thing in the same settlement, or in one where it was in none yet, however it looks now. Twice in one statement
 * is twice.
 */
async function supersede(tx: Transaction, { id, kind, from_on, to_on }: LoadView): Promise<void> {
  const among = sql.fragment`
    older.tenant_id = current_tenant() AND newer.tenant_id = current_tenant() AND newer.load_id = ${id}
    AND older.load_id <> ${id} AND older.current AND older.on_date BETWEEN ${from_on} AND ${to_on}`;
  if (kind === 'bank') {
    await tx.query(sql.unsafe`
      UPDATE bank_line AS older SET current = false FROM bank_line AS newer
      WHERE ${among} AND older.on_date = newer.on_date AND older.debit = newer.debit AND older.credit = newer.credit
        AND older.currency = newer.currency AND older.description = newer.description
        AND older.utr IS NOT DISTINCT FROM newer.utr AND older.balance IS NOT DISTINCT FROM newer.balance`);
    return;
  }
  await tx.query(sql.unsafe`
    UPDATE gateway_line AS older SET current = false FROM gateway_line AS newer
    WHERE ${among} AND older.source = newer.source AND older.gateway = newer.gateway AND older.about = newer.about
      AND older.entity = newer.entity AND older.kind = newer.kind
      AND (older.settlement IS NULL OR older.settlement = newer.settlement)`);
}

/** @throws nothing; null where there is no such load */
export function loadOf(tx: Transaction, id: string): Promise<LoadView | null> {
  return tx.maybeOne(sql.type(loadRow)`
    SELECT ${COLUMNS} FROM statement_load WHERE tenant_id = current_tenant() AND id = ${id} AND loaded_at IS NOT NULL`);
}
