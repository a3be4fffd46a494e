import { sql } from 'slonik';
import { z } from 'zod';
import type { IsoDate } from '../../calendar/business-date.ts';
import type { Transaction } from '../../db/pools.ts';
import type { ScoreRules } from '../product-rules.ts';
import { clamp, type Standing, type Step, type Taken, walk } from './walk.ts';

export const SCORE_REASONS = ['repayment', 'deposit', 'missed-due', 'taken-back'] as const;
export type ScoreReason = (typeof SCORE_REASONS)[number];

export interface ScoreMove extends Step {
  reason: ScoreReason;
  limits: ScoreRules;
  business_date: IsoDate;
  at: Date;
}

const standingRow = z.object({ borrower: z.string(), score: z.number(), moves: z.number() });
const causeRow = z.object({ cause: z.string(), borrower: z.string(), moved: z.number() });

/**
 * Moves scores, set-based, in the order given; each cause once for ever. A borrower who has no score yet
 * begins with the bureau's of their last application, or where the rules say. Their rows are locked until the
 * commit: call it after posting, so that everyone takes locks in one order.
 * @returns the moves that were made
 */
export async function moveScores(
  tx: Transaction,
  moves: readonly ScoreMove[],
): Promise<readonly Taken<ScoreMove>[]> {
  if (moves.length === 0) return [];
  const standings = await lockStandings(tx, moves);
  const causes = moves.flatMap(({ cause, effect }) =>
    'takes_back' in effect ? [cause, effect.takes_back] : [cause],
  );
  const known = await knownCauses(tx, causes);
  const moved = new Map([...known].map(([cause, row]) => [cause, row.moved]));
  const taken = walk(standings, moved, moves);
  if (taken.length > 0) await store(tx, taken);
  return taken;
}

/** Those of the causes that have moved a score, whose, and by how much. */
export async function knownCauses(
  tx: Transaction,
  causes: readonly string[],
): Promise<Map<string, { borrower: string; moved: number }>> {
  const rows = await tx.any(sql.prepared('known_score_causes', causeRow)`
    SELECT known.* FROM unnest(${sql.array([...new Set(causes)], 'text')}) AS asked(cause)
    CROSS JOIN LATERAL (
      SELECT cause, borrower_id AS borrower, moved FROM score_move
      WHERE tenant_id = current_tenant() AND cause = asked.cause LIMIT 1) AS known`);
  return new Map(rows.map((row) => [row.cause, row]));
}

async function lockStandings(tx: Transaction, moves: readonly ScoreMove[]): Promise<Map<string, Standing>> {
  const rules = new Map(moves.map(({ borrower, limits }) => [borrower, limits]));
  const standings = await lock(tx, [...rules.keys()]);
  const fresh = [...rules.keys()].filter((borrower) => !standings.has(borrower));
  if (fresh.length > 0) {
    const bureau = await bureauScores(tx, fresh);
    const starts = fresh.map((borrower) => {
      const limits = rules.get(borrower)!;
      return { borrower, score: clamp(bureau.get(borrower) ?? limits.start, limits) };
    });
    await tx.query(sql.prepared('open_scores', z.object({}))`
      INSERT INTO borrower_score (tenant_id, borrower_id, score)
      SELECT current_tenant(), opening.*
      FROM json_to_recordset(${JSON.stringify(starts)}::json) AS opening(borrower uuid, score int2)
      ORDER BY borrower
      ON CONFLICT (tenant_id, borrower_id) DO NOTHING`);
    for (const [borrower, standing] of await lock(tx, fresh)) standings.set(borrower, standing);
  }
  return standings;
}

async function lock(tx: Transaction, borrowers: readonly string[]): Promise<Map<string, Standing>> {
  const rows = await tx.any(sql.prepared('lock_scores', standingRow)`
    SELECT borrower_id AS borrower, score, moves FROM borrower_score
    WHERE tenant_id = current_tenant() AND borrower_id = ANY (${sql.array([...borrowers], 'uuid')})
    ORDER BY borrower_id
    FOR NO KEY UPDATE`);
  return new Map(rows.map(({ borrower, ...standing }) => [borrower, standing]));
}

const bureauRow = z.object({ borrower: z.string(), score: z.number().nullable() });

async function bureauScores(
  tx: Transaction,
  borrowers: readonly string[],
): Promise<Map<string, number | null>> {
  const rows = await tx.any(sql.prepared('bureau_scores', bureauRow)`
    SELECT asked.id AS borrower, last.score
    FROM unnest(${sql.array([...borrowers], 'uuid')}) AS asked(id)
    CROSS JOIN LATERAL (
      SELECT (bureau->>'score')::int4 AS score FROM application
      WHERE tenant_id = current_tenant() AND borrower_id = asked.id AND bureau IS NOT NULL
      ORDER BY id DESC LIMIT 1) AS last`);
  return new Map(rows.map(({ borrower, score }) => [borrower, score]));
}

async function store(tx: Transaction, taken: readonly Taken<ScoreMove>[]): Promise<void> {
  const rows = taken.map(({ effect: _, limits: __, ...row }) => row);
  await tx.query(sql.prepared('move_scores', z.object({}))`
    WITH made AS (
      INSERT INTO score_move (tenant_id, borrower_id, number, cause, reason, points, moved, score, business_date, at)
      SELECT current_tenant(), move.*
      FROM json_to_recordset(${JSON.stringify(rows)}::json) AS move(
        borrower uuid, number int4, cause text, reason text, points int2, moved int2, score int2,
        business_date date, at timestamptz)
      RETURNING borrower_id, number, score, at
    ), last AS (
      SELECT DISTINCT ON (borrower_id) * FROM made ORDER BY borrower_id, number DESC
    )
    UPDATE borrower_score s SET score = last.score, moves = last.number, moved_at = last.at
    FROM last CROSS JOIN LATERAL (
      SELECT ctid FROM borrower_score
      WHERE tenant_id = current_tenant() AND borrower_id = last.borrower_id LIMIT 1) AS place
    WHERE s.ctid = place.ctid`);
}

const moveRow = z.object({
  number: z.number(),
  cause: z.string(),
  reason: z.enum(SCORE_REASONS),
  points: z.number(),
  moved: z.number(),
  score: z.number(),
  business_date: z.string(),
  at: z.date(),
});

export interface BorrowerScore {
  score: number;
  /** Latest first. */
  moves: readonly z.output<typeof moveRow>[];
}

/** Where a borrower's score stands and what moved it last; null where nothing did yet. */
export async function scoreOf(
  tx: Transaction,
  borrower: string,
  page: { before?: number | undefined; limit: number },
): Promise<BorrowerScore | null> {
  const score = await tx.maybeOneFirst(sql.type(z.object({ score: z.number() }))`
    SELECT score FROM borrower_score WHERE tenant_id = current_tenant() AND borrower_id = ${borrower}`);
  if (score === null) return null;
  const moves = await tx.any(sql.type(moveRow)`
    SELECT number, cause, reason, points, moved, score, business_date, at FROM score_move
    WHERE tenant_id = current_tenant() AND borrower_id = ${borrower}
      AND (${page.before ?? null}::int4 IS NULL OR number < ${page.before ?? null}::int4)
    ORDER BY number DESC LIMIT ${page.limit}`);
  return { score, moves };
}
