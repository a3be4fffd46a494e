/** Where a score stands: after how many moves, and at what. */
export interface Standing {
  score: number;
  moves: number;
}

export interface Limits {
  floor: number;
  ceiling: number;
}

/** Points that are given, or those that an earlier cause moved and that are taken back. */
export type Effect = { points: number } | { takes_back: string };

export interface Step {
  borrower: string;
  /** Unique for ever: what has moved a score before moves nothing. */
  cause: string;
  effect: Effect;
  limits: Limits;
}

/** A step that was taken: `moved` is what the limits left of `points`, `score` is where that led. */
export type Taken<S extends Step> = S & { number: number; points: number; moved: number; score: number };

/**
 * Takes steps in order. The limits hold after each, so the order matters: at the ceiling a repayment gives
 * nothing, and a reversal of it later takes nothing back. Steps whose cause is known, that give nothing, or
 * that take back what never moved anything, are left out.
 * @param standings of every borrower among the steps; changed to where they lead
 * @param moved what each known cause moved
 */
export function walk<S extends Step>(
  standings: Map<string, Standing>,
  moved: Map<string, number>,
  steps: readonly S[],
): Taken<S>[] {
  const taken: Taken<S>[] = [];
  for (const step of steps) {
    const points = pointsOf(step.effect, moved);
    if (moved.has(step.cause) || points === 0) continue;
    const standing = standings.get(step.borrower)!;
    const score = moveWithin(standing.score, points, step.limits);
    const row = { ...step, number: standing.moves + 1, points, moved: score - standing.score, score };
    standings.set(step.borrower, { score, moves: row.number });
    moved.set(step.cause, row.moved);
    taken.push(row);
  }
  return taken;
}

function pointsOf(effect: Effect, moved: Map<string, number>): number {
  return 'points' in effect ? effect.points : -(moved.get(effect.takes_back) ?? 0);
}

/** A score that lies outside already, by another product's limits, is not moved against the points' sign. */
function moveWithin(score: number, points: number, limits: Limits): number {
  const moved = clamp(score + points, limits);
  return points > 0 ? Math.max(score, moved) : Math.min(score, moved);
}

export function clamp(score: number, { floor, ceiling }: Limits): number {
  return Math.min(ceiling, Math.max(floor, score));
}
