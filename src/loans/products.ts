import { sql } from 'slonik';
import { z } from 'zod';
import type { Transaction } from '../db/pools.ts';
import { currencyOf } from '../ledger/accounts.ts';
import { amountSchema, currencySchema, toDecimal } from '../ledger/money.ts';
import { LoanError } from './errors.ts';
import { fraction, productRules, STANDARD_RULES } from './product-rules.ts';

const productRow = z.object({
  code: z.string(),
  version: z.number(),
  name: z.string(),
  currency: z.string(),
  annual_rate: z.string(),
  amount_min: z.string(),
  amount_max: z.string(),
  tenure_min: z.number(),
  tenure_max: z.number(),
  foir_max: z.string(),
  score_min: z.number(),
  reapply_days: z.number(),
  rules: productRules,
});
/** What a tenant lends on, in one version. Decimals are strings; rates are fractions a year. */
export type Product = z.output<typeof productRow>;

const CODE = /^[a-z][a-z0-9-]{0,49}$/;
const months = z.int().min(1).max(360);

/** A product as somebody chooses it: all of it but its version. */
export const productTerms = z
  .strictObject({
    code: z.string().regex(CODE, 'must be a-z, 0-9 and -, and begin with a letter'),
    name: z.string().trim().min(1).max(100),
    currency: currencySchema,
    annual_rate: fraction.describe('a fraction: 0.18 is 18 % a year'),
    amount_min: amountSchema,
    amount_max: amountSchema,
    tenure_min: months,
    tenure_max: months,
    foir_max: fraction
      .refine((part) => toDecimal(part).gt(0) && toDecimal(part).lte(1), 'must be above 0 and at most 1')
      .describe('obligations, the new instalment included, may take this part of the income'),
    score_min: z.int().min(300).max(900),
    reapply_days: z.int().min(0).max(3_650),
    rules: productRules.prefault({}),
  })
  .refine(({ amount_min, amount_max }) => toDecimal(amount_min).lte(toDecimal(amount_max)), {
    path: ['amount_max'],
    message: 'must not be below amount_min',
  })
  .refine(({ tenure_min, tenure_max }) => tenure_min <= tenure_max, {
    path: ['tenure_max'],
    message: 'must not be below tenure_min',
  });

/** The product every tenant starts with; it may add versions and products of its own. */
export const STANDARD_PRODUCT: Product = {
  code: 'personal-loan',
  version: 1,
  name: 'Personal loan',
  currency: 'INR',
  annual_rate: '0.18',
  amount_min: '10000.00',
  amount_max: '1000000.00',
  tenure_min: 3,
  tenure_max: 60,
  foir_max: '0.50',
  score_min: 600,
  reapply_days: 30,
  rules: { ...STANDARD_RULES, decision: { ...STANDARD_RULES.decision, exposure_max: '2000000.00' } },
};

/** Adds a product, or a version of it. @returns false where that version stands already; it is left as it is */
export async function addProduct(tx: Transaction, product: Product): Promise<boolean> {
  const added = await tx.query(sql.unsafe`
    INSERT INTO product (tenant_id, code, version, name, currency, annual_rate, amount_min, amount_max,
                         tenure_min, tenure_max, foir_max, score_min, reapply_days, rules)
    VALUES (current_tenant(), ${product.code}, ${product.version}, ${product.name}, ${product.currency},
            ${product.annual_rate}, ${product.amount_min}, ${product.amount_max}, ${product.tenure_min},
            ${product.tenure_max}, ${product.foir_max}, ${product.score_min}, ${product.reapply_days},
            ${JSON.stringify(product.rules)}::jsonb)
    ON CONFLICT (tenant_id, code, version) DO NOTHING`);
  return added.rowCount === 1;
}

/**
 * The newest version of a product. The standard one is added when first asked for.
 * @throws LoanError unknown-product
 */
export async function currentProduct(tx: Transaction, code: string): Promise<Product> {
  const found = await newest(tx, code);
  if (found) return found;
  if (code !== STANDARD_PRODUCT.code) throw new LoanError('unknown-product', `There is no product ${code}.`);
  await addProduct(tx, { ...STANDARD_PRODUCT, currency: await currencyOf(tx) });
  return (await newest(tx, code))!;
}

/** Every product of the tenant in its newest version, by code. */
export async function listProducts(tx: Transaction): Promise<readonly Product[]> {
  await currentProduct(tx, STANDARD_PRODUCT.code);
  return tx.any(sql.type(productRow)`
    SELECT * FROM (
      SELECT DISTINCT ON (code) * FROM (${columns} WHERE tenant_id = current_tenant()) AS versions
      ORDER BY code, version DESC) AS newest
    ORDER BY code`);
}

/** The newest version, or the one given; null where there is none. The standard product is always there. */
export async function findProduct(tx: Transaction, code: string, version?: number): Promise<Product | null> {
  if (code === STANDARD_PRODUCT.code) await currentProduct(tx, code);
  if (version === undefined) return newest(tx, code);
  return tx.maybeOne(sql.type(productRow)`
    ${columns} WHERE tenant_id = current_tenant() AND code = ${code} AND version = ${version}`);
}

/** The version under which an application or a loan was made. */
export function productOf(tx: Transaction, code: string, version: number): Promise<Product> {
  return tx.one(sql.prepared('product', productRow)`
    ${columns} WHERE tenant_id = current_tenant() AND code = ${code} AND version = ${version}`);
}

function newest(tx: Transaction, code: string): Promise<Product | null> {
  return tx.maybeOne(sql.prepared('product_newest', productRow)`
    ${columns} WHERE tenant_id = current_tenant() AND code = ${code} ORDER BY version DESC LIMIT 1`);
}

const columns = sql.fragment`
  SELECT code, version, name, currency, annual_rate, amount_min, amount_max, tenure_min, tenure_max,
         foir_max, score_min, reapply_days, rules
  FROM product`;
