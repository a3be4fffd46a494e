import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '../db/pools.ts';
import { openAccounts } from '../ledger/accounts.ts';
import { openWallets } from '../wallets/wallets.ts';
import type { Product } from './products.ts';
import { agreeTranches, type TrancheWish } from './servicing/tranche-rows.ts';

export interface LoanOpening {
  /** The approved application it follows from; null for one that has none here. */
  application: string | null;
  /** The borrower's wallet; opened where it does not stand yet. */
  wallet: string;
  /** Whose wallet that is: the borrower's reference. */
  owner: string;
  product: Pick<Product, 'code' | 'version' | 'currency' | 'annual_rate'>;
  principal: string;
  tenure_months: number;
  /** The borrower's credit score; it chooses the penal rate for the loan's life. */
  score?: number | null;
  /** The parts in which it is paid out; at once where there are none. */
  tranches?: readonly TrancheWish[] | null;
}

/** What is opened besides the loan: what the borrower owes of each kind. Never below zero. */
const RECEIVABLES = ['principal', 'interest'] as const;

/**
 * Opens loans in state `disbursing`, with the borrowers' wallets and the loans' receivable accounts,
 * set-based.
 * @returns the loans' ids, in order.
 */
export async function openLoans(
  tx: Transaction,
  openings: readonly LoanOpening[],
  now: Date,
  opened_by = 'kist',
): Promise<string[]> {
  const loans = openings.map((opening) => ({
    ...opening,
    id: uuidv7(),
    accounts: { principal: uuidv7(), interest: uuidv7() },
  }));
  await openWallets(
    tx,
    loans.map(({ wallet, owner, product }) => ({ id: wallet, owner, currency: product.currency })),
  );
  await openAccounts(
    tx,
    loans.flatMap(({ id, accounts, product, owner }) =>
      RECEIVABLES.map((receivable) => ({
        id: accounts[receivable],
        code: `loan/${id}/${receivable}`,
        name: `Loan ${receivable} receivable from ${owner}`,
        type: 'asset' as const,
        currency: product.currency,
        keeps_balance: true,
        balance_min: '0',
      })),
    ),
  );
  const rows = loans.map(
    ({ id, application, wallet, product, principal, tenure_months, accounts, score }) => [
      ...[id, application, wallet, product.code, product.version, product.currency, principal],
      ...[product.annual_rate, tenure_months, accounts.principal, accounts.interest, score ?? null],
    ],
  );
  await tx.query(sql.unsafe`
    INSERT INTO loan (tenant_id, id, application_id, wallet_id, product_code, product_version, currency,
                      principal, annual_rate, tenure_months, principal_account, interest_account, score,
                      opened_at)
    SELECT current_tenant(), opening.*, ${now.toISOString()}::timestamptz
    FROM ${sql.unnest(rows, [
      ...[
        'uuid',
        'uuid',
        'uuid',
        'text',
        'int4',
        'text',
        'numeric',
        'numeric',
        'int2',
        'uuid',
        'uuid',
        'int2',
      ],
    ])} AS opening`);
  for (const { id, tranches } of loans) {
    if (tranches) await agreeTranches(tx, id, tranches, { agreed_by: opened_by, agreed_at: now });
  }
  return loans.map(({ id }) => id);
}
