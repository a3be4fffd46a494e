import type { IsoDate } from '../../calendar/business-date.ts';
import type { Transaction } from '../../db/pools.ts';
import { rulesOfLoans } from '../rules-of.ts';
import { moveScores, type ScoreMove } from './scores.ts';

/** An instalment that was not paid in full on its due date. */
export interface MissedDue {
  loan: string;
  instalment: number;
  /** The day of the books on which that was seen. */
  business_date: IsoDate;
  at: Date;
}

/** An instalment that costs points, or that was found not to have been missed after all. */
type Verdict = MissedDue & { missed: boolean };

/**
 * Takes the points of missed due dates from their borrowers, by the rules of the loans' product versions; for
 * one instalment once, however often it is told. Locks scores: call it after posting.
 */
export async function scoreMissedDues(tx: Transaction, dues: readonly MissedDue[]): Promise<void> {
  await score(
    tx,
    dues.map((due) => ({ ...due, missed: true })),
  );
}

/**
 * After a loan's life was told anew: instalments that turn out to have been missed cost points, and what others
 * had cost comes back. One that came back costs nothing a second time.
 * @param was numbers of the instalments that were taken for missed
 * @param is numbers of those that were
 */
export async function rescoreMissedDues(
  tx: Transaction,
  told: Omit<MissedDue, 'instalment'>,
  was: ReadonlySet<number>,
  is: ReadonlySet<number>,
): Promise<void> {
  const changed = [...new Set([...was, ...is])].filter(
    (instalment) => was.has(instalment) !== is.has(instalment),
  );
  await score(
    tx,
    changed.map((instalment) => ({ ...told, instalment, missed: is.has(instalment) })),
  );
}

async function score(tx: Transaction, verdicts: readonly Verdict[]): Promise<void> {
  if (verdicts.length === 0) return;
  const loans = await rulesOfLoans(
    tx,
    verdicts.map(({ loan }) => loan),
  );
  await moveScores(
    tx,
    verdicts.flatMap(({ loan: id, instalment, missed, business_date, at }): ScoreMove[] => {
      const loan = loans.get(id);
      if (!loan) return [];
      const place = `${id}/${instalment}`;
      const told = { borrower: loan.wallet, limits: loan.rules.score, business_date, at };
      return missed
        ? [
            {
              ...told,
              cause: `missed-due/${place}`,
              reason: 'missed-due',
              effect: { points: told.limits.missed_due },
            },
          ]
        : [
            {
              ...told,
              cause: `paid-in-time/${place}`,
              reason: 'taken-back',
              effect: { takes_back: `missed-due/${place}` },
            },
          ];
    }),
  );
}
