import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { type ProductRules, productRules, STANDARD_RULES } from './product-rules.ts';
import { STANDARD_PRODUCT } from './products.ts';

const ofLoan = z.object({ loan: z.string(), wallet: z.string(), code: z.string(), version: z.number() });
const ofWallet = z.object({
  wallet: z.string(),
  code: z.string().nullable(),
  version: z.number().nullable(),
});

/** The borrower's wallet and the rules of the product version that each loan was made under, by loan. */
export async function rulesOfLoans(
  tx: Transaction,
  loans: readonly string[],
): Promise<Map<string, { wallet: string; rules: ProductRules }>> {
  const rows = await tx.any(sql.prepared('rules_of_loans', ofLoan)`
    SELECT id AS loan, wallet_id AS wallet, product_code AS code, product_version AS version
    FROM loan WHERE tenant_id = current_tenant() AND id = ANY (${sql.array([...new Set(loans)], 'uuid')})`);
  const rules = await rulesOfVersions(tx, rows);
  return new Map(rows.map((row) => [row.loan, { wallet: row.wallet, rules: rules(row.code, row.version) }]));
}

/**
 * The rules that each wallet is held to: of its newest loan, else of the tenant's standard product as it
 * stands now.
 */
export async function rulesOfWallets(
  tx: Transaction,
  wallets: readonly string[],
): Promise<Map<string, ProductRules>> {
  const rows = await tx.any(sql.prepared('rules_of_wallets', ofWallet)`
    SELECT wallet.id AS wallet, newest.code, newest.version
    FROM unnest(${sql.array([...new Set(wallets)], 'uuid')}) AS wallet(id)
    LEFT JOIN LATERAL (
      SELECT product_code AS code, product_version AS version FROM loan
      WHERE tenant_id = current_tenant() AND wallet_id = wallet.id
      ORDER BY id DESC LIMIT 1) AS newest ON true`);
  const rules = await rulesOfVersions(tx, rows);
  return new Map(rows.map((row) => [row.wallet, rules(row.code, row.version)]));
}

const version = z.object({ code: z.string(), version: z.number(), rules: productRules });

async function rulesOfVersions(
  tx: Transaction,
  wanted: readonly { code: string | null; version: number | null }[],
): Promise<(code: string | null, version: number | null) => ProductRules> {
  const codes = [...new Set(wanted.map(({ code }) => code ?? STANDARD_PRODUCT.code))];
  const versions = await tx.any(sql.prepared('rules_of_versions', version)`
    SELECT code, version, rules FROM product
    WHERE tenant_id = current_tenant() AND code = ANY (${sql.array(codes, 'text')})
    ORDER BY version`);
  const known = new Map(versions.map(({ code, version, rules }) => [`${code} ${version}`, rules]));
  const standard = versions.findLast(({ code }) => code === STANDARD_PRODUCT.code)?.rules ?? STANDARD_RULES;
  return (code, version) => (code === null ? standard : known.get(`${code} ${version}`)) ?? standard;
}
