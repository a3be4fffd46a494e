import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import type { BankBound } from '../../loans/disbursal.ts';
import { productOf } from '../../loans/products.ts';
import { raiseException } from '../exceptions.ts';
import { type BeginContext, type Begun, beginPayouts, type PayoutWish } from './begin.ts';
import { usableAccountsOf } from './destination.ts';

/**
 * Sends what was just disbursed on to the borrowers' bank accounts, in the same transaction. Where there is
 * none, or the wallet is frozen, the money stays in the wallet and people are told: the loan is disbursed
 * either way.
 * @returns payouts by reference
 */
export async function payOnward(
  tx: Transaction,
  context: BeginContext,
  bound: readonly BankBound[],
): Promise<ReadonlyMap<string, string>> {
  const accounts = await usableAccountsOf(
    tx,
    bound.map(({ wallet }) => wallet),
  );
  const wishes = bound.flatMap((each) => {
    const bank_account = accounts.get(each.wallet);
    return bank_account ? [wishOf(each, bank_account)] : [];
  });
  const begun = await beginPayouts(tx, context, wishes);
  const answers = new Map(wishes.map(({ reference }, index) => [reference, begun[index]!]));
  for (const each of bound) await tellWhere(tx, context, each, answers.get(each.reference));
  return new Map(
    [...answers].flatMap(([reference, answer]) =>
      answer.outcome === 'begun' ? [[reference, answer.payout] as const] : [],
    ),
  );
}

function wishOf(
  { loan, wallet, amount, currency, reference, how }: BankBound,
  bank_account: string,
): PayoutWish {
  const { mode, gateway } = how;
  return { purpose: 'disbursal', loan, wallet, bank_account, amount, currency, mode, gateway, reference };
}

/** Puts before people what stays in the wallet. */
async function tellWhere(
  tx: Transaction,
  { tenant, clock }: BeginContext,
  { loan }: BankBound,
  answer: Begun | undefined,
): Promise<void> {
  if (answer?.outcome === 'begun') return;
  const message = answer ? answer.message : 'The borrower has no usable bank account.';
  await raiseException(
    tx,
    { tenant, clock, evidence: 'machine', detail: {} },
    {
      ...{ kind: 'payout', subject: loan, code: answer?.code ?? 'no-bank-account' },
      message: `The money of loan ${loan} lies in the borrower’s wallet. ${message}`,
    },
  );
}

const loanRow = z.object({
  wallet: z.string(),
  currency: z.string(),
  product_code: z.string(),
  product_version: z.number(),
});

/** A tranche that was just paid into the wallet, where its product sends it on. */
export async function boundTranche(
  tx: Transaction,
  { loan, tranche, amount }: { loan: string; tranche: number; amount: string },
): Promise<BankBound[]> {
  const { wallet, currency, product_code, product_version } = await tx.one(sql.type(loanRow)`
    SELECT wallet_id AS wallet, currency, product_code, product_version FROM loan
    WHERE tenant_id = current_tenant() AND id = ${loan}`);
  const { disbursement: how } = (await productOf(tx, product_code, product_version)).rules;
  return how.to === 'bank' ? [{ loan, wallet, amount, currency, reference: `${loan}/${tranche}`, how }] : [];
}
