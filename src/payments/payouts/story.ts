import type { IsoDate } from '../../calendar/business-date.ts';
import type { Transaction } from '../../db/pools.ts';
import { businessDateAt } from '../../ledger/business-day.ts';
import { bankAccountOf, shownBankAccount } from '../bank-accounts.ts';
import { listExceptions, type PaymentException } from '../exceptions.ts';
import { type Move, movesOf } from '../moves.ts';
import { attemptsOf, type Payout, payoutOf } from './rows.ts';

const EXCEPTIONS_SHOWN_MAX = 100;

/** A payout without what is sent for it, which names accounts. */
export type ShownPayout = Omit<Payout, 'request_body' | 'looks'>;

export function shownPayout({ request_body: _, looks: __, ...shown }: Payout): ShownPayout {
  return shown;
}

/** All that there is to know of a payout. */
export interface PayoutStory {
  payout: ShownPayout;
  /** Masked. */
  to: Pick<ReturnType<typeof shownBankAccount>, 'holder' | 'ifsc' | 'account_number' | 'vpa'>;
  moves: readonly Move[];
  /** The other attempts to pay the same. */
  attempts: readonly ShownPayout[];
  exceptions: readonly PaymentException[];
  /** The tenant's present business date. */
  today: IsoDate;
}

/** Null where there is no such payout. */
export async function payoutStory(
  tx: Transaction,
  { tenant, now }: { tenant: string; now: Date },
  id: string,
): Promise<PayoutStory | null> {
  const payout = await payoutOf(tx, id);
  if (!payout) return null;
  const { holder, ifsc, account_number, vpa } = shownBankAccount(
    (await bankAccountOf(tx, payout.bank_account))!,
  );
  const attempts = await attemptsOf(tx, payout.instruction);
  return {
    payout: shownPayout(payout),
    to: { holder, ifsc, account_number, vpa },
    moves: await movesOf(tx, id),
    attempts: attempts.filter((each) => each.id !== id).map(shownPayout),
    exceptions: await listExceptions(tx, { subject: id, limit: EXCEPTIONS_SHOWN_MAX }),
    today: await businessDateAt(tx, tenant, now),
  };
}
