import { sql } from 'slonik';
import { z } from 'zod';
import type { IsoDate } from '../calendar/business-date.ts';
import type { Transaction } from '../db/pools.ts';
import { subscribes } from './types.ts';

/** Something that happened, told in the transaction in which it happens. */
export interface EventDraft {
  /** Whose event it is (loan, wallet, application …): order is kept among the events of one subject. */
  subject: string;
  /** `noun.past-verb`, for instance `loan.closed`. */
  type: string;
  /** By the business clock. */
  at: Date;
  business_date: IsoDate;
  /** Ids, amounts as strings, codes: no personal data. At most DATA_BYTES_MAX of JSON. */
  data: Record<string, unknown>;
  /** The journal that it tells of. */
  journal?: string;
}

/** With what surrounds it, an event stays below the 20 KB that receivers may count on. */
export const DATA_BYTES_MAX = 16 * 1024;

/**
 * Writes events down for those who subscribe to them, outside (endpoints) or inside (listeners); those that nobody
 * asked for cost one small query for the whole call. Call it once a transaction, as late as may be: it locks each subject's count until
 * the commit, so that the numbers of a subject's events follow the order of its commits.
 * @returns how many were written
 * @throws RangeError where data is too long
 */
export async function emit(tx: Transaction, events: readonly EventDraft[]): Promise<number> {
  if (events.length === 0) return 0;
  const patterns = await subscribedPatterns(tx);
  const wanted = events.filter(({ type }) => subscribes(patterns, type));
  if (wanted.length > 0) await writeEvents(tx, wanted);
  return wanted.length;
}

/** Whether anybody asked for events of the type: worth asking before they are put together in great number. */
export async function isWanted(tx: Transaction, type: string): Promise<boolean> {
  return subscribes(await subscribedPatterns(tx), type);
}

function subscribedPatterns(tx: Transaction): Promise<readonly string[]> {
  return tx.anyFirst(sql.prepared('subscribed_patterns', z.object({ pattern: z.string() }))`
    SELECT unnest(event_types) AS pattern FROM webhook_endpoint
    WHERE tenant_id = current_tenant() AND state = 'enabled'
    UNION
    SELECT unnest(event_types) FROM event_listener WHERE tenant_id = current_tenant()`);
}

/** As emit, whether or not somebody subscribes. @returns the events' ids, in order */
export async function writeEvents(
  tx: Transaction,
  events: readonly EventDraft[],
): Promise<readonly string[]> {
  return tx.anyFirst(sql.prepared('write_events', z.object({ id: z.string() }))`
    WITH input AS (
      SELECT * FROM ROWS FROM (json_to_recordset(${JSON.stringify(events.map(rowOf))}::json) AS (
        subject uuid, type text, at timestamptz, business_date date, journal uuid, data jsonb)) WITH ORDINALITY
        AS input (subject, type, at, business_date, journal, data, place)
    ), counted AS (
      INSERT INTO event_subject AS known (tenant_id, subject, seq)
      SELECT current_tenant(), subject, count(*) FROM input GROUP BY subject
      -- Everybody locks subjects in this order.
      ORDER BY subject
      ON CONFLICT (tenant_id, subject) DO UPDATE SET seq = known.seq + excluded.seq
      RETURNING subject, seq AS last_seq
    )
    INSERT INTO event (tenant_id, subject, seq, type, at, business_date, journal_id, data)
    SELECT current_tenant(), subject,
           last_seq + 1 - row_number() OVER (PARTITION BY subject ORDER BY place DESC),
           type, at, business_date, journal, data
    FROM input JOIN counted USING (subject)
    ORDER BY place
    RETURNING id`);
}

function rowOf({ subject, type, at, business_date, journal = undefined, data }: EventDraft) {
  const bytes = Buffer.byteLength(JSON.stringify(data));
  if (bytes > DATA_BYTES_MAX) throw new RangeError(`Event ${type} has ${bytes} bytes of data.`);
  return { subject, type, at, business_date, journal, data };
}
