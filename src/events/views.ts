import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';

const eventRow = z.object({
  id: z.string(),
  type: z.string(),
  at: z.date(),
  subject: z.string(),
  seq: z.bigint(),
  business_date: z.string(),
  journal_id: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
});

/** An event as the API shows it and as endpoints get it. */
export interface EventDocument {
  id: string;
  type: string;
  timestamp: string;
  subject: string;
  /** Counts the events of the subject from 1, those included that an endpoint did not ask for. */
  sequence: number;
  business_date: string;
  journal: string | null;
  data: Record<string, unknown>;
}

const COLUMNS = sql.fragment`id, type, at, subject, seq, business_date, journal_id, data`;

export async function eventOf(tx: Transaction, id: string): Promise<EventDocument | null> {
  const row = await tx.maybeOne(sql.prepared('event_of', eventRow)`
    SELECT ${COLUMNS} FROM event WHERE tenant_id = current_tenant() AND id = ${id}`);
  return row && documentOf(row);
}

/** Those that are there, by id. */
export async function eventsById(
  tx: Transaction,
  ids: readonly string[],
): Promise<Map<string, EventDocument>> {
  const rows = await tx.any(sql.prepared('events_by_id', eventRow)`
    SELECT ${COLUMNS} FROM event WHERE tenant_id = current_tenant() AND id = ANY (${sql.array([...ids], 'uuid')})`);
  return new Map(rows.map((row) => [row.id, documentOf(row)]));
}

export interface EventFilter {
  subject?: string | undefined;
  types?: readonly string[] | undefined;
  /** Id after which the page starts; events come newest first. */
  after?: string | undefined;
  limit: number;
}

export async function listEvents(tx: Transaction, filter: EventFilter): Promise<EventDocument[]> {
  const { subject, types, after, limit } = filter;
  const rows = await tx.any(sql.type(eventRow)`
    SELECT ${COLUMNS} FROM event
    WHERE tenant_id = current_tenant()
      ${subject ? sql.fragment`AND subject = ${subject}` : sql.fragment``}
      ${types ? sql.fragment`AND type = ANY(${sql.array([...types], 'text')})` : sql.fragment``}
      ${after ? sql.fragment`AND id < ${after}` : sql.fragment``}
    ORDER BY id DESC
    LIMIT ${limit}`);
  return rows.map(documentOf);
}

function documentOf({ at, seq, journal_id, ...row }: z.output<typeof eventRow>): EventDocument {
  const { id, type, subject, business_date, data } = row;
  const timestamp = at.toISOString();
  return { id, type, timestamp, subject, sequence: Number(seq), business_date, journal: journal_id, data };
}
