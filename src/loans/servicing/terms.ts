import type { Transaction } from '../../db/pools.ts';
import { type LoanTerms, loanTerms } from '../life/terms.ts';
import { productOf } from '../products.ts';

const REMEMBERED_MAX = 10_000;

/** Versions of products never change, so a process asks for each once. By tenant, code, version and score. */
const known = new Map<string, LoanTerms>();

/** The terms of loans made under a version of a product by borrowers of this score. */
export async function termsOf(
  tx: Transaction,
  { tenant, code, version, score }: { tenant: string; code: string; version: number; score: number | null },
): Promise<LoanTerms> {
  const key = `${tenant}/${code}/${version}/${score ?? ''}`;
  const remembered = known.get(key);
  if (remembered) return remembered;
  const terms = loanTerms((await productOf(tx, code, version)).rules, score);
  if (known.size < REMEMBERED_MAX) known.set(key, terms);
  return terms;
}
