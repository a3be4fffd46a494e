import { sql } from 'slonik';
import { z } from 'zod';
import type { IsoDate } from '../../calendar/business-date.ts';
import type { Transaction } from '../../db/pools.ts';
import { PaymentError } from '../errors.ts';
import { ownerOf } from '../owner.ts';
import { BANK_SUBJECT } from './match-bank.ts';
import type { Matching } from './matching.ts';
import { EXPLAINED, RESULTS, SOUND, SUBJECT_KINDS } from './results.ts';

/** What became of the breaks in a comparison. */
export interface BreakCounts {
  opened: number;
  closed: number;
  /** All that are open now, over the tenant. */
  open: number;
}

const EVIDENCE_LINES_MAX = 10;
/** What is not ours goes by another's name. */
const UUID = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

/** What stands there as it stood, and was decided by people: it stays decided. */
const DECIDED = sql.fragment`
  was.state = 'resolved' AND was.resolution <> 'gone' AND was.result = excluded.result
  AND was.here IS NOT DISTINCT FROM excluded.here AND was.there IS NOT DISTINCT FROM excluded.there`;
/** It was gone, or resolved otherwise than it now stands. */
const AGAIN = sql.fragment`(was.state = 'resolved' AND NOT (${DECIDED}))`;
const SAME = sql.fragment`
  was.result = excluded.result AND was.here IS NOT DISTINCT FROM excluded.here
  AND was.there IS NOT DISTINCT FROM excluded.there`;
/** People's word holds for what they saw. */
const STAYS = sql.fragment`(${DECIDED} OR was.state <> 'resolved' AND ${SAME})`;

/**
 * Brings the breaks to what was found: new ones open, known ones keep their age, and what is not found any more
 * is resolved by itself, with the lines that show it.
 */
export async function keepBreaks(tx: Transaction, matching: Matching): Promise<BreakCounts> {
  const { business_date: today } = matching;
  const { opened } = await tx.one(sql.type(z.object({ opened: z.number() }))`
    WITH kept AS (
      INSERT INTO reconciliation_break AS was
        (tenant_id, subject_kind, subject, gateway, leg, result, currency, here, there, evidence, happened_on,
         first_seen_on, last_seen_on, state, resolution, why)
      SELECT current_tenant(), f.subject_kind, f.subject, f.gateway, f.leg, f.result, f.currency, f.here, f.there,
             ${evidenceOf(matching)}, f.happened_on, ${today}::date, ${today}::date,
             CASE WHEN sound THEN 'explained' ELSE 'open' END, CASE WHEN sound THEN 'explained' END,
             CASE f.result WHEN 'late' THEN 'It was shown, some days after its time.'
               WHEN 'explained' THEN 'An adjustment in a settlement: it is in the sum, and lies in suspense.' END
      FROM pg_temp.finding f CROSS JOIN LATERAL (SELECT f.result = ANY (${sql.array(EXPLAINED, 'text')}) AS sound) AS how
      WHERE f.result <> ALL (${sql.array(SOUND, 'text')})
      ORDER BY f.subject_kind, f.gateway, f.subject
      ON CONFLICT (tenant_id, subject_kind, gateway, subject) DO UPDATE SET
        leg = excluded.leg, result = excluded.result, currency = excluded.currency, here = excluded.here,
        there = excluded.there, evidence = excluded.evidence, last_seen_on = excluded.last_seen_on,
        first_seen_on = CASE WHEN ${AGAIN} THEN excluded.first_seen_on ELSE was.first_seen_on END,
        episode = was.episode + CASE WHEN ${AGAIN} THEN 1 ELSE 0 END,
        owner = CASE WHEN ${AGAIN} THEN NULL ELSE was.owner END,
        state = CASE WHEN ${STAYS} THEN was.state ELSE excluded.state END,
        resolution = CASE WHEN ${STAYS} THEN was.resolution ELSE excluded.resolution END,
        why = CASE WHEN ${STAYS} THEN was.why ELSE excluded.why END,
        journal_id = CASE WHEN ${STAYS} THEN was.journal_id END,
        resolved_by = CASE WHEN ${STAYS} THEN was.resolved_by END,
        resolved_at = CASE WHEN ${STAYS} THEN was.resolved_at END
      RETURNING state, first_seen_on, old.state AS was_state
    )
    SELECT count(*) FILTER (WHERE state = 'open' AND was_state IS DISTINCT FROM 'open')::int4 AS opened FROM kept`);
  const closed = await closeGone(tx, matching);
  const open = await tx.oneFirst(sql.type(z.object({ open: z.number() }))`
    SELECT count(*)::int4 AS open FROM reconciliation_break WHERE tenant_id = current_tenant() AND state = 'open'`);
  return { opened, closed, open };
}

async function closeGone(tx: Transaction, { now, business_date, loads }: Matching): Promise<number> {
  const { rowCount } = await tx.query(sql.unsafe`
    UPDATE reconciliation_break b SET
      state = 'resolved', resolution = 'gone', resolved_at = ${now.toISOString()}, last_seen_on = ${business_date},
      why = ${loads.length === 0 ? 'It agrees now.' : `It agrees now, by ${loads.length} statements read since.`},
      resolved_by = 'system:reconciliation'
    WHERE b.tenant_id = current_tenant() AND b.state <> 'resolved' AND NOT EXISTS (
      SELECT FROM pg_temp.finding f
      WHERE f.subject_kind = b.subject_kind AND f.subject = b.subject AND f.gateway IS NOT DISTINCT FROM b.gateway
        AND f.result <> ALL (${sql.array(SOUND, 'text')}))`);
  return rowCount;
}

/** The lines that a break rests on, as many as people would look at. */
function evidenceOf({ hidden }: Matching) {
  const unseen = sql.array(hidden, 'uuid');
  return sql.fragment`coalesce((
    SELECT jsonb_agg(jsonb_build_object('load', load_id, 'line', line, 'of', of)) FROM (
      SELECT g.load_id, g.line, g.source AS of FROM gateway_line g
      WHERE g.tenant_id = current_tenant() AND g.gateway = f.gateway AND g.current AND g.load_id <> ALL (${unseen})
        AND g.about = CASE f.subject_kind
          WHEN 'payout' THEN coalesce((
            SELECT provider_id FROM payout WHERE tenant_id = current_tenant() AND id = CASE WHEN f.subject ~ ${UUID} THEN f.subject::uuid END), f.subject)
          WHEN 'collection' THEN coalesce((
            SELECT provider_id FROM collection WHERE tenant_id = current_tenant() AND id = CASE WHEN f.subject ~ ${UUID} THEN f.subject::uuid END), f.subject)
          WHEN 'refund' THEN coalesce((
            SELECT provider_id FROM refund WHERE tenant_id = current_tenant() AND id = CASE WHEN f.subject ~ ${UUID} THEN f.subject::uuid END), f.subject)
          WHEN 'account-check' THEN (
            SELECT provider_id FROM bank_account_check WHERE tenant_id = current_tenant() AND id = CASE WHEN f.subject ~ ${UUID} THEN f.subject::uuid END)
          ELSE f.subject END
      UNION ALL
      SELECT line.load_id, line.line, 'bank' FROM bank_line AS line
      WHERE line.tenant_id = current_tenant() AND line.current AND line.load_id <> ALL (${unseen})
        AND f.subject_kind = 'bank-line' AND line.on_date = f.happened_on AND ${BANK_SUBJECT} = f.subject
      UNION ALL
      SELECT line.load_id, line.line, 'bank' FROM bank_line AS line
      WHERE line.tenant_id = current_tenant() AND line.current AND line.load_id <> ALL (${unseen})
        AND line.utr = CASE f.subject_kind
          WHEN 'payout' THEN (SELECT utr FROM payout WHERE tenant_id = current_tenant() AND id = CASE WHEN f.subject ~ ${UUID} THEN f.subject::uuid END)
          WHEN 'account-check' THEN (
            SELECT utr FROM bank_account_check WHERE tenant_id = current_tenant() AND id = CASE WHEN f.subject ~ ${UUID} THEN f.subject::uuid END)
          WHEN 'settlement' THEN (
            SELECT utr FROM settlement WHERE tenant_id = current_tenant() AND gateway = f.gateway AND id = f.subject) END
      LIMIT ${EVIDENCE_LINES_MAX}) AS lines), '[]')`;
}

export const breakRow = z.object({
  id: z.string(),
  subject_kind: z.enum(SUBJECT_KINDS),
  subject: z.string(),
  gateway: z.string().nullable(),
  leg: z.enum(['gateway', 'bank']),
  result: z.enum(RESULTS),
  currency: z.string(),
  here: z.string().nullable(),
  there: z.string().nullable(),
  evidence: z.array(z.object({ load: z.string(), line: z.number(), of: z.string() })),
  happened_on: z.string(),
  first_seen_on: z.string(),
  last_seen_on: z.string(),
  episode: z.number(),
  owner: z.string().nullable(),
  state: z.enum(['open', 'explained', 'resolved']),
  resolution: z.string().nullable(),
  why: z.string().nullable(),
  journal_id: z.string().nullable(),
  resolved_by: z.string().nullable(),
  resolved_at: z.date().nullable(),
});
export type Break = z.output<typeof breakRow>;

const COLUMNS = sql.fragment`
  id, subject_kind, subject, gateway, leg, result, currency, here::numeric(30, 2)::text AS here,
  there::numeric(30, 2)::text AS there, evidence, happened_on, first_seen_on, last_seen_on, episode, owner, state,
  resolution, why, journal_id, resolved_by, resolved_at`;

export interface BreakFilter {
  state?: Break['state'] | undefined;
  subject_kind?: Break['subject_kind'] | undefined;
  result?: Break['result'] | undefined;
  owner?: string | undefined;
  /** Seen on this day or before. */
  seen_by?: IsoDate | undefined;
  after?: string | undefined;
  limit: number;
}

/** Breaks, oldest first. */
export function listBreaks(tx: Transaction, filter: BreakFilter): Promise<readonly Break[]> {
  const {
    state = null,
    subject_kind = null,
    result = null,
    owner = null,
    seen_by = null,
    after = null,
  } = filter;
  return tx.any(sql.type(breakRow)`
    SELECT ${COLUMNS} FROM reconciliation_break
    WHERE tenant_id = current_tenant() AND (${state}::text IS NULL OR state = ${state})
      AND (${subject_kind}::text IS NULL OR subject_kind = ${subject_kind})
      AND (${result}::text IS NULL OR result = ${result}) AND (${owner}::text IS NULL OR owner = ${owner})
      AND (${seen_by}::date IS NULL OR first_seen_on <= ${seen_by}) AND (${after}::uuid IS NULL OR id > ${after})
    ORDER BY id LIMIT ${filter.limit}`);
}

/** The break; null where there is none. */
export function breakOf(tx: Transaction, id: string): Promise<Break | null> {
  return tx.maybeOne(sql.type(breakRow)`
    SELECT ${COLUMNS} FROM reconciliation_break WHERE tenant_id = current_tenant() AND id = ${id}`);
}

/** As breakOf, locked until the transaction ends. */
export function lockBreak(tx: Transaction, id: string): Promise<Break | null> {
  return tx.maybeOne(sql.type(breakRow)`
    SELECT ${COLUMNS} FROM reconciliation_break WHERE tenant_id = current_tenant() AND id = ${id} FOR UPDATE`);
}

/**
 * Says who looks after it; null: nobody does.
 * @throws PaymentError unknown-owner, not-found, illegal-transition (it is resolved)
 */
export async function assignBreak(
  tx: Transaction,
  { id, owner }: { id: string; owner: string | null },
): Promise<Break> {
  const assigned = await tx.maybeOne(sql.type(breakRow)`
    UPDATE reconciliation_break SET owner = ${await ownerOf(tx, owner)}
    WHERE tenant_id = current_tenant() AND id = ${id} AND state <> 'resolved'
    RETURNING ${COLUMNS}`);
  if (assigned) return assigned;
  if (await breakOf(tx, id)) throw new PaymentError('illegal-transition', `Break ${id} is resolved.`);
  throw new PaymentError('not-found', `There is no break ${id}.`);
}
