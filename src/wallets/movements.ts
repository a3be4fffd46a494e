import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { Clock } from '../calendar/clock.ts';
import type { Transaction } from '../db/pools.ts';
import { type ControlAccount, type ControlAccounts, controlAccounts } from '../ledger/accounts.ts';
import { businessDateAt } from '../ledger/business-day.ts';
import { amountSchema, currencySchema, toDecimal } from '../ledger/money.ts';
import { type JournalDraft, type Posting, post } from '../ledger/post.ts';
import { heldAccountOf, walletCurrencies } from './wallets.ts';

/** What every movement of wallet money is told. */
export const movementFields = {
  amount: amountSchema,
  currency: currencySchema,
  reference: z
    .string()
    .min(1)
    .max(100)
    .meta({ description: 'The caller’s own name for this movement; the same one never moves money twice' }),
};

export const walletId = z.uuid().meta({ description: 'Id of a wallet' });

/** A business no. Nothing was posted. */
export const refusedMovement = z.strictObject({
  outcome: z.literal('refused'),
  code: z.enum([
    'insufficient-funds',
    'account-frozen',
    'unknown-wallet',
    'same-wallet',
    'currency-mismatch',
    'duplicate-reference',
  ]),
  message: z.string(),
});
export type RefusedMovement = z.output<typeof refusedMovement>;

/** Fields of the result of a movement that was posted. */
export const movedFields = { journal: z.uuid(), business_date: z.iso.date() };

/** Where money lies: what a wallet may spend, what is set aside in it, or an account of the tenant's own. */
export type Place = { wallet: string } | { held_in: string } | { control: ControlAccount };

export interface Movement {
  kind: string;
  reference: string;
  /** Whose chain the journal joins. */
  stream: string;
  from: Place;
  to: Place;
  amount: string;
  currency: string;
}

export type Moved = { outcome: 'moved'; journal: string; business_date: string } | RefusedMovement;

/**
 * Moves money between wallets and the tenant's own accounts, all movements in one posting. The journal's
 * key is the kind and the caller's reference, so two jobs with one reference, whatever their own keys, are
 * one movement.
 * @returns one answer per movement, in order.
 */
export async function moveMoney(
  tx: Transaction,
  tenant: string,
  clock: Clock,
  movements: readonly Movement[],
): Promise<Moved[]> {
  const posted_at = clock.now();
  const business_date = await businessDateAt(tx, tenant, posted_at);
  const wallets = await walletCurrencies(tx, movements.flatMap(walletIds));
  const controls = await controlAccounts(tx, tenant);

  const refusals = movements.map((movement) => refusalOf(movement, wallets));
  const sound = movements.filter((_, index) => refusals[index] === null);
  const postings = await post(
    tx,
    sound.map((movement) => ({ ...draftOf(movement, controls), business_date, posted_at })),
  );
  const answers = postings
    .map((posting, index) => answerOf(posting, sound[index]!, business_date))
    [Symbol.iterator]();
  return refusals.map((refusal) => refusal ?? answers.next().value!);
}

function walletIds({ from, to }: Movement): string[] {
  return [from, to].flatMap((place) => ('wallet' in place ? [place.wallet] : []));
}

function refusalOf(movement: Movement, wallets: Map<string, string>): RefusedMovement | null {
  const ids = walletIds(movement);
  if (ids.length === 2 && ids[0] === ids[1]) {
    return refused('same-wallet', 'A transfer needs two different wallets.');
  }
  for (const id of ids) {
    const refusal = walletRefusal(id, movement.currency, wallets);
    if (refusal) return refusal;
  }
  return null;
}

/** Why money of a currency cannot go into or out of a wallet; null where it can. */
export function walletRefusal(
  id: string,
  currency: string,
  wallets: ReadonlyMap<string, string>,
): (RefusedMovement & { code: 'unknown-wallet' | 'currency-mismatch' }) | null {
  const kept = wallets.get(id);
  if (kept === undefined) return refused('unknown-wallet', `There is no wallet ${id}.`);
  if (kept === currency) return null;
  return refused('currency-mismatch', `Wallet ${id} is kept in ${kept}, not ${currency}.`);
}

function draftOf(
  { kind, reference, stream, from, to, amount, currency }: Movement,
  controls: ControlAccounts,
): Omit<JournalDraft, 'business_date' | 'posted_at'> {
  const money = { amount: toDecimal(amount), currency };
  return {
    id: uuidv7(),
    stream,
    kind,
    key: `${kind}/${reference}`,
    entries: [
      { account: accountAt(from, controls), direction: 'debit', ...money },
      { account: accountAt(to, controls), direction: 'credit', ...money },
    ],
  };
}

export function accountAt(place: Place, controls: ControlAccounts): string {
  if ('wallet' in place) return place.wallet;
  return 'held_in' in place ? heldAccountOf(place.held_in) : controls[place.control];
}

function answerOf(posting: Posting, movement: Movement, business_date: string): Moved {
  switch (posting.status) {
    case 'posted':
      return { outcome: 'moved', journal: posting.journal, business_date };
    case 'insufficient-funds':
      return refused(
        'insufficient-funds',
        `Wallet ${posting.account} has not ${movement.amount} ${movement.currency} to spend.`,
      );
    case 'account-frozen':
      return refused('account-frozen', `Wallet ${posting.account} is frozen: no money leaves it.`);
    case 'duplicate':
      return refused(
        'duplicate-reference',
        `Reference ${movement.reference} was used by journal ${posting.journal}.`,
      );
  }
}

function refused<Code extends RefusedMovement['code']>(
  code: Code,
  message: string,
): RefusedMovement & { code: Code } {
  return { outcome: 'refused', code, message };
}
