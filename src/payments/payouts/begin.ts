import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { IsoDate } from '../../calendar/business-date.ts';
import type { Clock } from '../../calendar/clock.ts';
import type { Transaction } from '../../db/pools.ts';
import { controlAccounts } from '../../ledger/accounts.ts';
import { businessDateAt } from '../../ledger/business-day.ts';
import { toDecimal } from '../../ledger/money.ts';
import { type JournalDraft, type Posting, post } from '../../ledger/post.ts';
import type { JobRequest } from '../../runtime/definition.ts';
import { reach } from '../../runtime/faults.ts';
import type { RefusedMovement } from '../../wallets/movements.ts';
import type { PayoutMode } from '../gateway/gateway.ts';
import { recordMoves } from '../moves.ts';
import type { Payout } from './rows.ts';

/** Money that is to leave a wallet for its owner's bank account. */
export interface PayoutWish {
  purpose: Payout['purpose'];
  loan: string | null;
  wallet: string;
  bank_account: string;
  amount: string;
  currency: string;
  mode: PayoutMode;
  gateway: string;
  /** The caller's own name for it: one reference, one payment. */
  reference: string;
  /** The attempt that failed, where this is the next one. */
  previous?: Payout;
}

export type Begun =
  | { outcome: 'begun'; payout: string; journal: string; business_date: IsoDate }
  | (Pick<RefusedMovement, 'outcome' | 'message'> & {
      code: 'insufficient-funds' | 'account-frozen' | 'duplicate-reference';
    });

export interface BeginContext {
  tenant: string;
  clock: Clock;
  accept(requests: JobRequest[]): Promise<unknown>;
}

export const PAYOUT_KIND = 'payments.payout';
/** A payout that nobody has heard of for so long, by the business clock, is looked at. */
const STUCK_MS = 24 * 3_600_000;

/**
 * Takes the money out of the wallets, where from now on it is under way, and accepts the jobs that send it.
 * Set-based. The key of a first attempt's journal comes from its reference: one reference is one payment.
 * @param run_at not before this instant of the database's clock
 * @returns one answer per wish, in order
 */
export async function beginPayouts(
  tx: Transaction,
  { tenant, clock, accept }: BeginContext,
  wishes: readonly PayoutWish[],
  run_at?: Date,
): Promise<Begun[]> {
  if (wishes.length === 0) return [];
  const posted_at = clock.now();
  const business_date = await businessDateAt(tx, tenant, posted_at);
  const { 'payout-clearing': clearing } = await controlAccounts(tx, tenant);
  const begun = wishes.map((wish) => ({ wish, id: uuidv7() }));
  const postings = await post(
    tx,
    begun.map(({ wish, id }) => ({ ...draftOf(wish, id, clearing), business_date, posted_at })),
  );
  const posted = begun.filter((_, index) => postings[index]!.status === 'posted');
  await store(tx, posted, { at: posted_at, business_date });
  const journals = new Map(begun.map(({ id }, index) => [id, postings[index]!]));
  await recordMoves(
    tx,
    { clock, evidence: 'machine', detail: {} },
    business_date,
    posted.map(({ id }) => ({
      ...{ subject: id, kind: 'payout' as const, from: null, to: 'approved' },
      journal: (journals.get(id) as { journal: string }).journal,
    })),
  );
  if (posted.length > 0) {
    await accept(
      posted.map(({ id }) => ({ kind: PAYOUT_KIND, payload: { payout: id }, ...(run_at && { run_at }) })),
    );
  }
  await reach('payout.begun');
  return begun.map(({ wish, id }, index) => answerOf(wish, id, postings[index]!, business_date));
}

function draftOf(
  { wallet, amount, currency, purpose, reference, previous }: PayoutWish,
  id: string,
  clearing: string,
): Omit<JournalDraft, 'business_date' | 'posted_at'> {
  const money = { amount: toDecimal(amount), currency };
  return {
    ...{ id: uuidv7(), stream: wallet, kind: 'payout.begin' },
    key: previous ? `payout/${id}/begin` : `payout/${purpose}/${reference}`,
    entries: [
      { account: wallet, direction: 'debit', ...money },
      { account: clearing, direction: 'credit', ...money },
    ],
  };
}

async function store(
  tx: Transaction,
  begun: readonly { wish: PayoutWish; id: string }[],
  { at, business_date }: { at: Date; business_date: IsoDate },
): Promise<void> {
  if (begun.length === 0) return;
  const rows = begun.map(({ wish, id }) => ({
    ...{ id, instruction_id: wish.previous?.instruction ?? id, attempt: (wish.previous?.attempt ?? 0) + 1 },
    ...{ previous_id: wish.previous?.id ?? null, purpose: wish.purpose, loan_id: wish.loan },
    ...{ wallet_id: wish.wallet, bank_account_id: wish.bank_account, reference: wish.reference },
    ...{ gateway: wish.gateway, mode: wish.mode, amount: wish.amount, currency: wish.currency },
  }));
  await tx.query(sql.prepared('begin_payouts', z.object({}))`
    INSERT INTO payout (tenant_id, id, instruction_id, attempt, previous_id, purpose, loan_id, wallet_id,
                        bank_account_id, reference, gateway, mode, amount, currency, state, created_at,
                        business_date, next_look_at)
    SELECT current_tenant(), id, instruction_id, attempt, previous_id, purpose, loan_id, wallet_id,
           bank_account_id, reference, gateway, mode, amount, currency, 'approved',
           ${at.toISOString()}::timestamptz, ${business_date}::date,
           ${new Date(at.getTime() + STUCK_MS).toISOString()}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS wish (
      id uuid, instruction_id uuid, attempt int2, previous_id uuid, purpose text, loan_id uuid, wallet_id uuid,
      bank_account_id uuid, reference text, gateway text, mode text, amount numeric, currency text)`);
}

function answerOf(wish: PayoutWish, payout: string, posting: Posting, business_date: IsoDate): Begun {
  const { wallet, amount, currency, reference } = wish;
  switch (posting.status) {
    case 'posted':
      return { outcome: 'begun', payout, journal: posting.journal, business_date };
    case 'insufficient-funds':
      return refused('insufficient-funds', `Wallet ${wallet} has not ${amount} ${currency} to spend.`);
    case 'account-frozen':
      return refused('account-frozen', `Wallet ${wallet} is frozen: no money leaves it.`);
    case 'duplicate':
      return refused('duplicate-reference', `Reference ${reference} was used by journal ${posting.journal}.`);
  }
}

function refused<Code extends string>(code: Code, message: string) {
  return { outcome: 'refused' as const, code, message };
}
