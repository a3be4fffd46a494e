import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { amountSchema, currencySchema } from '../ledger/money.ts';
import { loanOf } from '../loans/views.ts';
import { payloadOf } from '../runtime/queries.ts';
import { holdOf } from '../wallets/holds.ts';

const ofAmount = z.object({ amount: amountSchema, currency: currencySchema.nullable().default(null) });
const ofLoan = z.object({ loan: z.uuid() });
const ofHold = z.object({ hold: z.uuid() });

export interface MoneyMoved {
  amount: string;
  currency: string | null;
}

/**
 * What a job moves: the amount of its payload, else the principal of the loan or the money of the hold that it
 * names; null where none.
 */
export async function moneyMoved(tx: Transaction, job: string): Promise<MoneyMoved | null> {
  const payload = await payloadOf(tx, job);
  const own = ofAmount.safeParse(payload);
  if (own.success) return own.data;
  const named = ofLoan.safeParse(payload);
  const loan = named.success ? await loanOf(tx, named.data.loan) : null;
  if (loan) return { amount: loan.principal, currency: loan.currency };
  const held = ofHold.safeParse(payload);
  const hold = held.success ? await holdOf(tx, held.data.hold) : null;
  return hold && { amount: hold.amount, currency: hold.currency };
}
