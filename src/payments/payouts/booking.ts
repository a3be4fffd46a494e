import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import type { IsoDate } from '../../calendar/business-date.ts';
import type { Transaction } from '../../db/pools.ts';
import { type ControlAccount, controlAccounts } from '../../ledger/accounts.ts';
import { type Decimal, toDecimal, ZERO } from '../../ledger/money.ts';
import { type EntryDraft, post } from '../../ledger/post.ts';
import { lastMove } from '../moves.ts';
import type { PayoutState } from '../states.ts';
import type { Payout } from './rows.ts';

/** Where the money of a payout lies while it stands in a state. */
function placeOf(state: PayoutState): 'payout-clearing' | 'suspense' | 'bank' | 'wallet' {
  switch (state) {
    case 'succeeded':
      // Paid out of our bank account: undone, it comes back there.
      return 'bank';
    case 'suspense':
      return 'suspense';
    case 'failed':
    case 'reversed':
    case 'cancelled':
    case 'rejected':
      return 'wallet';
    default:
      return 'payout-clearing';
  }
}

export interface Booked {
  /** Null where the books stay as they are. */
  journal: string | null;
  /** The wallet could not give the money again: suspense did, and people must look. */
  from_suspense: boolean;
  /** It came back, and suspense had given it: what comes back belongs there. */
  to_suspense: boolean;
}

/**
 * Posts what a move means for the books: the money goes from where it lay to where it now lies. What the
 * gateway takes for a payment that succeeded goes with it, once it is known.
 */
export async function bookMove(
  tx: Transaction,
  moment: { tenant: string; posted_at: Date; business_date: IsoDate },
  payout: Payout,
  move: { from: PayoutState; to: PayoutState },
): Promise<Booked> {
  const from = placeOf(move.from);
  const settles_at = placeOf(move.to);
  if (from === settles_at) return { journal: null, from_suspense: false, to_suspense: false };
  const seq = 1 + (await lastMove(tx, payout.id));
  const key = `payout/${payout.id}/${seq}`;
  const kind = `payout.${move.to}`;
  const controls = await controlAccounts(tx, moment.tenant);
  const to_suspense = move.from === 'succeeded' && (await suspenseGave(tx, payout, controls.suspense));
  const to = to_suspense ? 'suspense' : settles_at;
  const account = (place: typeof from) => (place === 'wallet' ? payout.wallet : controls[place]);
  const entries = (source: string) => [
    ...[entry(payout, source, 'debit'), entry(payout, account(to), 'credit')],
    ...(to === 'bank' ? feeEntries(payout, controls) : []),
  ];
  const journal = { ...moment, stream: payout.wallet, kind, key };
  const first = await postOne(tx, { ...journal, entries: entries(account(from)) });
  if (first !== null) return { journal: first, from_suspense: false, to_suspense };
  const second = await postOne(tx, { ...journal, entries: entries(controls.suspense) });
  return { journal: second, from_suspense: true, to_suspense };
}

/** Whether it was suspense that paid when a failure was taken back, the wallet having been emptied. */
function suspenseGave(tx: Transaction, { id }: Payout, suspense: string): Promise<boolean> {
  return tx.exists(sql.unsafe`
    SELECT FROM (
      SELECT from_state, journal_id FROM payment_move
      WHERE tenant_id = current_tenant() AND subject = ${id} AND to_state = 'succeeded'
      ORDER BY seq DESC LIMIT 1) AS paid
    JOIN entry ON entry.tenant_id = current_tenant() AND entry.journal_id = paid.journal_id
    WHERE paid.from_state = 'failed' AND entry.account_id = ${suspense}`);
}

/** What the gateway took, known only after the payment was booked. @returns the journal; null for nothing */
export async function bookFees(
  tx: Transaction,
  moment: { tenant: string; posted_at: Date; business_date: IsoDate },
  payout: Payout,
): Promise<string | null> {
  const entries = feeEntries(payout, await controlAccounts(tx, moment.tenant));
  if (entries.length === 0) return null;
  const key = `payout/${payout.id}/fees`;
  return postOne(tx, { ...moment, stream: payout.wallet, kind: 'payout.fees', key, entries });
}

async function postOne(
  tx: Transaction,
  draft: {
    stream: string;
    kind: string;
    key: string;
    posted_at: Date;
    business_date: IsoDate;
    entries: EntryDraft[];
  },
): Promise<string | null> {
  const { stream, kind, key, posted_at, business_date, entries } = draft;
  const [posting] = await post(tx, [{ id: uuidv7(), stream, kind, key, posted_at, business_date, entries }]);
  if (posting!.status === 'posted') return posting!.journal;
  if (posting!.status === 'duplicate') throw new Error(`Journal ${key} was posted before.`);
  return null;
}

function entry({ amount, currency }: Payout, account: string, direction: 'debit' | 'credit'): EntryDraft {
  return { account, direction, amount: toDecimal(amount), currency };
}

function feeEntries(
  { fees, tax, currency }: Payout,
  controls: Readonly<Record<ControlAccount, string>>,
): EntryDraft[] {
  const [whole, of_it] = [toDecimal(fees ?? '0'), toDecimal(tax ?? '0')];
  const lines: [string, 'debit' | 'credit', Decimal][] = [
    [controls['gateway-fees'], 'debit', whole.minus(of_it)],
    [controls['input-tax'], 'debit', of_it],
    [controls.bank, 'credit', whole],
  ];
  return lines
    .filter(([, , amount]) => amount.gt(ZERO))
    .map(([account, direction, amount]) => ({ account, direction, amount, currency }));
}
