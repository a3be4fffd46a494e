import type { IsoDate } from '../../calendar/business-date.ts';
import type { Transaction } from '../../db/pools.ts';
import { rulesOfLoans } from '../rules-of.ts';
import { moveScores } from './scores.ts';

/** An instalment that was not paid in full on its due date. */
export interface MissedDue {
  loan: string;
  instalment: number;
  /** The day of the books on which that was seen. */
  business_date: IsoDate;
  at: Date;
}

const causeOf = ({ loan, instalment }: Pick<MissedDue, 'loan' | 'instalment'>) =>
  `missed-due/${loan}/${instalment}`;

/**
 * Takes the points of missed due dates from their borrowers, by the rules of the loans' product versions; for
 * one instalment once, however often it is told. Locks scores: call it after posting.
 */
export async function scoreMissedDues(tx: Transaction, missed: readonly MissedDue[]): Promise<void> {
  if (missed.length === 0) return;
  const loans = await rulesOfLoans(
    tx,
    missed.map(({ loan }) => loan),
  );
  await moveScores(
    tx,
    missed.flatMap(({ business_date, at, ...due }) => {
      const loan = loans.get(due.loan);
      if (!loan) return [];
      const { score } = loan.rules;
      const effect = { points: score.missed_due };
      return [
        {
          ...{ borrower: loan.wallet, cause: causeOf(due), reason: 'missed-due' as const, effect },
          limits: score,
          business_date,
          at,
        },
      ];
    }),
  );
}
