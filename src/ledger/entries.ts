import type { Decimal } from './money.ts';
import type { EntryDraft } from './post.ts';

/** Debits are above zero; what is nothing is left out. */
export function entriesOfMoves(
  moves: readonly (readonly [account: string, Decimal])[],
  currency: string,
): EntryDraft[] {
  return moves
    .filter(([, amount]) => !amount.isZero())
    .map(([account, amount]) => ({
      ...{ account, direction: amount.gt(0) ? ('debit' as const) : ('credit' as const) },
      ...{ amount: amount.abs(), currency },
    }));
}
