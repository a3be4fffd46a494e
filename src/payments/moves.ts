import { sql } from 'slonik';
import { z } from 'zod';
import type { IsoDate } from '../calendar/business-date.ts';
import type { Transaction } from '../db/pools.ts';
import type { Occasion } from './occasion.ts';

export const MOVING_KINDS = [
  ...(['payout', 'collection', 'refund', 'dispute', 'mandate-debit', 'account-check'] as const),
] as const;
export type MovingKind = (typeof MOVING_KINDS)[number];

/** One move of a payout, collection, refund …: append-only, with what showed that it happened. */
export interface MoveDraft {
  subject: string;
  kind: MovingKind;
  from: string | null;
  to: string;
  journal: string | null;
}

/**
 * Writes moves down. The caller holds the locks of their subjects, so that their numbers follow one another.
 * Of one subject, one move a call.
 */
export async function recordMoves(
  tx: Transaction,
  { clock, evidence, detail }: Pick<Occasion, 'clock' | 'evidence' | 'detail'>,
  business_date: IsoDate,
  moves: readonly MoveDraft[],
): Promise<void> {
  if (moves.length === 0) return;
  const rows = moves.map(({ subject, kind, from, to, journal }) => [subject, kind, from, to, journal]);
  await tx.query(sql.prepared('record_payment_moves', z.object({}))`
    INSERT INTO payment_move (tenant_id, subject, seq, kind, from_state, to_state, evidence, detail, journal_id,
                              at, business_date)
    SELECT current_tenant(), subject,
           1 + (SELECT coalesce(max(m.seq), 0) FROM payment_move m
                WHERE m.tenant_id = current_tenant() AND m.subject = move.subject),
           kind, from_state, to_state, ${evidence}, ${JSON.stringify(detail)}::jsonb, journal_id,
           ${clock.now().toISOString()}::timestamptz, ${business_date}::date
    FROM ${sql.unnest(rows, ['uuid', 'text', 'text', 'text', 'uuid'])}
      AS move (subject, kind, from_state, to_state, journal_id)`);
}

const moveRow = z.object({
  seq: z.number(),
  kind: z.enum(MOVING_KINDS),
  from_state: z.string().nullable(),
  to_state: z.string(),
  evidence: z.string(),
  detail: z.unknown(),
  journal_id: z.string().nullable(),
  at: z.date(),
  business_date: z.string(),
});
export type Move = z.output<typeof moveRow>;

/** All that happened to one, in order; they are few. */
export function movesOf(tx: Transaction, subject: string): Promise<readonly Move[]> {
  return tx.any(sql.type(moveRow)`
    SELECT seq, kind, from_state, to_state, evidence, detail, journal_id, at, business_date
    FROM payment_move
    WHERE tenant_id = current_tenant() AND subject = ${subject}
    ORDER BY seq`);
}

/** A move in the words in which it is shown. */
export function shownMove({
  seq,
  from_state,
  to_state,
  evidence,
  detail,
  journal_id,
  at,
  business_date,
}: Move) {
  return { seq, from: from_state, to: to_state, evidence, detail, journal: journal_id, at, business_date };
}

/** How often it has moved. */
export async function lastMove(tx: Transaction, subject: string): Promise<number> {
  return tx.oneFirst(sql.prepared('last_payment_move', z.object({ seq: z.number() }))`
    SELECT coalesce(max(seq), 0)::int4 AS seq FROM payment_move
    WHERE tenant_id = current_tenant() AND subject = ${subject}`);
}
