import type { Transaction } from '../../db/pools.ts';
import type { FollowedJournal, Follower } from '../../following/follow.ts';
import type { ScoreRules } from '../product-rules.ts';
import { rulesOfLoans, rulesOfWallets } from '../rules-of.ts';
import { knownCauses, moveScores, type ScoreMove } from './scores.ts';

/** Kinds of journals that move the score of the borrower whose loan, or wallet, is the stream. */
const REPAYMENTS = new Set(['loan.repay', 'loan.prepay', 'loan.foreclose']);
const DEPOSIT = 'wallet.deposit';

const causeOf = (journal: string) => `journal/${journal}`;

/**
 * Repayments and deposits raise scores; a journal that reverses one takes back what it moved, whatever the
 * limits had left of it.
 */
export const scoreFollower: Follower = {
  name: 'score',
  async follow(tx, _tenant, journals) {
    const scored = journals.filter(
      ({ kind, reverses }) => reverses !== null || REPAYMENTS.has(kind) || kind === DEPOSIT,
    );
    if (scored.length > 0) await moveScores(tx, await movesOf(tx, scored));
    return [];
  },
};

interface Place {
  borrower: string;
  rules: ScoreRules;
}

async function movesOf(tx: Transaction, journals: readonly FollowedJournal[]): Promise<ScoreMove[]> {
  const gains = await gainsOf(tx, journals);
  const reversals = journals.filter(({ reverses }) => reverses !== null);
  const gainers = await gainersOf(tx, reversals, gains);
  return journals.flatMap(({ id, kind, reverses, business_date, posted_at: at }): ScoreMove[] => {
    const told = { cause: causeOf(id), business_date, at };
    if (reverses !== null) {
      const place = gainers.get(reverses);
      if (!place) return [];
      const effect = { takes_back: causeOf(reverses) };
      return [{ ...told, borrower: place.borrower, reason: 'taken-back', effect, limits: place.rules }];
    }
    const place = gains.get(id);
    if (!place) return [];
    const reason = REPAYMENTS.has(kind) ? 'repayment' : 'deposit';
    const effect = { points: place.rules[reason] };
    return [{ ...told, borrower: place.borrower, reason, effect, limits: place.rules }];
  });
}

/** Who gains by which journal, and by which rules. */
async function gainsOf(tx: Transaction, journals: readonly FollowedJournal[]): Promise<Map<string, Place>> {
  const of = (wanted: ReadonlySet<string>) =>
    journals.filter(({ kind, reverses }) => wanted.has(kind) && reverses === null);
  const streams = (wanted: readonly FollowedJournal[]) => wanted.map(({ stream }) => stream);
  const [repayments, deposits] = [of(REPAYMENTS), of(new Set([DEPOSIT]))];
  const gains = new Map<string, Place>();
  if (repayments.length > 0) {
    const loans = await rulesOfLoans(tx, streams(repayments));
    for (const { id, stream } of repayments) {
      const loan = loans.get(stream);
      if (loan) gains.set(id, { borrower: loan.wallet, rules: loan.rules.score });
    }
  }
  if (deposits.length > 0) {
    const rules = await rulesOfWallets(tx, streams(deposits));
    for (const { id, stream } of deposits)
      gains.set(id, { borrower: stream, rules: rules.get(stream)!.score });
  }
  return gains;
}

/** By the journal that was reversed: who had gained by it, in this batch or before. */
async function gainersOf(
  tx: Transaction,
  reversals: readonly FollowedJournal[],
  gains: Map<string, Place>,
): Promise<Map<string, Place>> {
  const gainers = new Map<string, Place>();
  const earlier: string[] = [];
  for (const reversed of reversals.map(({ reverses }) => reverses!)) {
    const gain = gains.get(reversed);
    if (gain) gainers.set(reversed, gain);
    else earlier.push(reversed);
  }
  if (earlier.length === 0) return gainers;
  const known = await knownCauses(tx, earlier.map(causeOf));
  const rules = await rulesOfWallets(
    tx,
    [...known.values()].map(({ borrower }) => borrower),
  );
  for (const reversed of earlier) {
    const borrower = known.get(causeOf(reversed))?.borrower;
    if (borrower) gainers.set(reversed, { borrower, rules: rules.get(borrower)!.score });
  }
  return gainers;
}
