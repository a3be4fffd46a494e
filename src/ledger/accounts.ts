import { sql } from 'slonik';
import { v5 as uuidv5 } from 'uuid';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';

export type AccountType = 'asset' | 'liability' | 'income' | 'expense';

export interface AccountOpening {
  id: string;
  /** Unique per tenant: `bank`, `wallet/<id>`, `loan/<id>/principal`. */
  code: string;
  name: string;
  type: AccountType;
  currency: string;
  /** Customer accounts keep a balance; busy control accounts do not, so that no job waits for another. */
  keeps_balance: boolean;
  /** The balance may not be taken below it; null: no limit. Only for accounts that keep a balance. */
  balance_min: string | null;
}

/** Opens accounts in the transaction's tenant. One that stands already under its id is left as it is. */
export async function openAccounts(tx: Transaction, openings: readonly AccountOpening[]): Promise<void> {
  if (openings.length === 0) return;
  const column = (name: keyof AccountOpening, type: string) =>
    sql.array(
      openings.map((opening) => opening[name]),
      type,
    );
  await tx.query(sql.unsafe`
    SELECT open_accounts(
      ${column('id', 'uuid')}, ${column('code', 'text')}, ${column('name', 'text')}, ${column('type', 'text')},
      ${column('currency', 'text')}, ${column('keeps_balance', 'bool')}, ${column('balance_min', 'numeric')})`);
}

/** The tenant's own side of every movement. None keeps a running balance (see controlBalances). */
const CHART = [
  { code: 'bank', name: 'Bank', type: 'asset' },
  { code: 'payout-clearing', name: 'Payouts under way', type: 'liability' },
  { code: 'collection-clearing', name: 'Collections under way', type: 'asset' },
  { code: 'refund-clearing', name: 'Refunds under way', type: 'liability' },
  { code: 'disputed', name: 'Collections disputed with the gateway', type: 'asset' },
  { code: 'unallocated', name: 'Collections that no loan asks for', type: 'liability' },
  { code: 'gateway-fees', name: 'Fees of payment gateways', type: 'expense' },
  { code: 'input-tax', name: 'Tax paid on fees, to be claimed', type: 'asset' },
  { code: 'suspense', name: 'Suspense: money not yet assigned', type: 'liability' },
  { code: 'interest-income', name: 'Interest income', type: 'income' },
  { code: 'penal-income', name: 'Penal charges income', type: 'income' },
  { code: 'fee-income', name: 'Fee income', type: 'income' },
  { code: 'tax-payable', name: 'Tax charged and not yet passed on', type: 'liability' },
  { code: 'interest-suspense', name: 'Interest of non-performing loans, not yet income', type: 'liability' },
  {
    code: 'penal-suspense',
    name: 'Penal charges of non-performing loans, not yet income',
    type: 'liability',
  },
  { code: 'recovery-income', name: 'Recovered from loans written off', type: 'income' },
  { code: 'write-off-expense', name: 'Loans written off', type: 'expense' },
  { code: 'waiver-expense', name: 'Interest and charges waived', type: 'expense' },
] as const;

export type ControlAccount = (typeof CHART)[number]['code'];
/** Ids of the chart's control accounts, by code. */
export type ControlAccounts = Readonly<Record<ControlAccount, string>>;

/** A namespace of its own makes the same tenant's `bank` the same id in every database. */
const CHART_NAMESPACE = '0197a3c0-5a1e-7b57-9d3c-6b6973740001';

/** Makes the control accounts of a tenant; a second time it only adds those of a newer release. */
export async function openChart(tx: Transaction, tenant: string, currency: string): Promise<void> {
  const ids = chartIds(tenant);
  await openAccounts(
    tx,
    CHART.map((account) => ({
      ...account,
      id: ids[account.code],
      currency,
      keeps_balance: false,
      balance_min: null,
    })),
  );
}

/** Charts that this process has seen stand; the ids are the same in every database. */
const known = new Map<string, ControlAccounts>();

/** Ids of the tenant's control accounts; they never change, so each process asks the database once. */
export async function controlAccounts(tx: Transaction, tenant: string): Promise<ControlAccounts> {
  const chart = known.get(tenant) ?? chartIds(tenant);
  if (!known.has(tenant)) {
    const open = await tx.oneFirst(sql.type(z.object({ open: z.bigint() }))`
      SELECT count(*) AS open FROM account
      WHERE tenant_id = ${tenant} AND id = ANY (${sql.array(Object.values(chart), 'uuid')})`);
    if (open === 0n) throw new Error(`Tenant ${tenant} has no chart of accounts: openChart makes it.`);
    if (open < BigInt(CHART.length)) await openChart(tx, tenant, await currencyOf(tx));
    known.set(tenant, chart);
  }
  return chart;
}

/** The currency of the tenant's own accounts. */
export function currencyOf(tx: Transaction): Promise<string> {
  return tx.oneFirst(sql.type(z.object({ currency: z.string() }))`
    SELECT currency FROM tenant WHERE tenant_id = current_tenant()`);
}

function chartIds(tenant: string): ControlAccounts {
  return Object.fromEntries(
    CHART.map(({ code }) => [code, uuidv5(`${tenant}/${code}`, CHART_NAMESPACE)]),
  ) as Record<ControlAccount, string>;
}
