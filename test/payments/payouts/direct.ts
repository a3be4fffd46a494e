import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { SteppedClock } from '../../../src/calendar/clock.ts';
import type { Transaction } from '../../../src/db/pools.ts';
import type { PayoutPicture, PayoutStatus, Remedy } from '../../../src/payments/gateway/gateway.ts';
import type { Occasion } from '../../../src/payments/occasion.ts';
import { applyPayoutPicture, movePayout } from '../../../src/payments/payouts/apply.ts';
import { beginPayouts } from '../../../src/payments/payouts/begin.ts';
import { lockPayout } from '../../../src/payments/payouts/rows.ts';
import type { Evidence, PayoutState } from '../../../src/payments/states.ts';
import type { JobRequest } from '../../../src/runtime/definition.ts';
import { type Books, NOON, openBooks } from '../../ledger/books.ts';
import { type TestDatabase, testDatabase } from '../../support/database.ts';
import { openBorrower } from '../paying.ts';

export const HOLDING = '1000';
export const AMOUNT = '400';
/** `tax` is a part of it. */
export const FEES = '5.90';
export const TAX = '0.90';

export interface Borrower {
  wallet: string;
  bank_account: string;
}

/** Payouts without worker and gateway: what is said of them is said here. */
export interface Directly {
  database: TestDatabase;
  books: Books;
  clock: SteppedClock;
  /** A borrower's wallet that holds so much, HOLDING by default, and where its owner is paid. */
  borrower(holding?: string): Promise<Borrower>;
  /** What a machine or a person does; the jobs that follow are noted in `accepted`. */
  occasion(evidence: Evidence): Occasion & { gateway: string };
  accepted: JobRequest[];
  /** Begins a payout of AMOUNT. @returns its id */
  begin(tx: Transaction, from: Borrower): Promise<string>;
  /** Takes it along moves that need no gateway. */
  move(tx: Transaction, id: string, ...states: PayoutState[]): Promise<void>;
  say(tx: Transaction, evidence: Evidence, picture: PayoutPicture): ReturnType<typeof applyPayoutPicture>;
  /** What the moves of a payout left on each account; debits are positive. */
  standing(tx: Transaction, payout: string): Promise<Record<string, string>>;
  exceptionsOf(tx: Transaction, payout: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

export async function openDirectly(): Promise<Directly> {
  const database = await testDatabase();
  const books = await openBooks(database);
  const clock = new SteppedClock(NOON);
  const accepted: JobRequest[] = [];
  const accept = async (requests: JobRequest[]) => void accepted.push(...requests);
  const occasion: Directly['occasion'] = (evidence) => ({
    ...{ tenant: 'acme', gateway: 'razorpay', clock, accept, evidence, detail: {} },
  });
  return {
    ...{ database, books, clock, occasion, accepted },
    borrower: (holding = HOLDING) => openBorrower(books, holding),
    begin: async (tx, from) => {
      const wish = { ...from, purpose: 'withdrawal' as const, loan: null, amount: AMOUNT, currency: 'INR' };
      const context = { tenant: 'acme', clock, accept };
      const [begun] = await beginPayouts(tx, context, [
        { ...wish, mode: 'IMPS', gateway: 'razorpay', reference: uuidv7() },
      ]);
      if (begun!.outcome !== 'begun') throw new Error(begun!.message);
      return begun!.payout;
    },
    move: async (tx, id, ...states) => {
      for (const state of states) {
        await movePayout(tx, occasion('machine'), (await lockPayout(tx, id))!, state, null);
      }
    },
    say: (tx, evidence, picture) => applyPayoutPicture(tx, occasion(evidence), picture),
    standing: async (tx, payout) => {
      const rows = await tx.any(sql.type(z.object({ account: z.string(), standing: z.string() }))`
        SELECT CASE WHEN a.code LIKE 'wallet/%' THEN 'wallet' ELSE a.code END AS account,
               sum(CASE direction WHEN 'debit' THEN amount ELSE -amount END)::numeric(20, 2) AS standing
        FROM payment_move m
        JOIN entry e ON e.tenant_id = m.tenant_id AND e.journal_id = m.journal_id
        JOIN account a ON a.tenant_id = e.tenant_id AND a.id = e.account_id
        WHERE m.tenant_id = current_tenant() AND m.subject = ${payout}
        GROUP BY 1`);
      return Object.fromEntries(rows.map(({ account, standing }) => [account, standing]));
    },
    exceptionsOf: (tx, payout) =>
      tx.anyFirst(sql.type(z.object({ code: z.string() }))`
        SELECT code FROM payment_exception
        WHERE tenant_id = current_tenant() AND subject = ${payout} ORDER BY code`),
    close: () => database.close(),
  };
}

/** What the gateway says of a payout of AMOUNT; it charges from `processing` on, but for what failed. */
export function pictureOf(
  reference: string,
  status: PayoutStatus,
  more: Partial<PayoutPicture> & { remedy?: Remedy } = {},
): PayoutPicture {
  const { remedy = 'none', ...rest } = more;
  const charged = ['processing', 'succeeded', 'reversed'].includes(status);
  const [fees, tax] = charged ? [FEES, TAX] : status === 'failed' ? ['0.00', '0.00'] : [null, null];
  const reason =
    status === 'failed' ? { code: 'beneficiary_bank_offline', message: 'Offline.', remedy } : null;
  return {
    ...{
      of: 'payout',
      id: `pout_${reference}`,
      reference,
      status,
      amount: AMOUNT,
      currency: 'INR',
      mode: 'IMPS',
    },
    ...{ fees, tax, utr: null, reason, created_at: NOON },
    ...rest,
  };
}
