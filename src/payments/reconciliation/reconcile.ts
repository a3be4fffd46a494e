import { sql } from 'slonik';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { Transaction } from '../../db/pools.ts';
import { bookShown } from '../account-checks/books.ts';
import { analyze } from './analyze.ts';
import { keepBreaks } from './breaks.ts';
import { closePayouts } from './closing.ts';
import { matchAccount, matchBank } from './match-bank.ts';
import { closeChecks, matchChecks } from './match-checks.ts';
import { matchCollections } from './match-collections.ts';
import { matchPayouts } from './match-payouts.ts';
import { matchSettlements } from './match-settlements.ts';
import { beginMatching, type Tally, tallies } from './matching.ts';
import { postMatchedSettlements } from './post-settlements.ts';
import { RESULTS, SUBJECT_KINDS } from './results.ts';
import { markSettled } from './settled.ts';

export interface ReconcileWish {
  tenant: string;
  now: Date;
  /** Statements that were read; what is open is looked at whether there are any or not. */
  loads: readonly string[];
  /** `job:…`, `operator:…`. */
  run_by: string;
}

const tallySchema = z.object({
  subject: z.enum(SUBJECT_KINDS),
  result: z.enum(RESULTS),
  currency: z.string(),
  number: z.number(),
  here: z.string(),
  there: z.string(),
});

const reconciliationRow = z.object({
  id: z.string(),
  business_date: z.string(),
  loads: z.array(z.string()),
  results: z.array(tallySchema),
  breaks_opened: z.number(),
  breaks_closed: z.number(),
  breaks_open: z.number(),
  settlements_posted: z.number(),
  run_by: z.string(),
  run_at: z.date(),
});
/** One comparison, as it is kept. */
export type Reconciliation = z.output<typeof reconciliationRow>;

const COLUMNS = sql.fragment`
  id, business_date, loads, results, breaks_opened, breaks_closed, breaks_open, settlements_posted, run_by, run_at`;

/**
 * Compares our books with the gateway's statements and the bank's, three ways: set-based, over what the new
 * statements tell of and all that is open. The same again changes nothing but the list of comparisons.
 */
export async function reconcile(tx: Transaction, wish: ReconcileWish): Promise<Reconciliation> {
  const matching = await beginMatching(tx, wish);
  await bookShown(tx, matching, matching.hidden);
  await matchPayouts(tx, matching);
  await matchCollections(tx, matching);
  await matchSettlements(tx, matching);
  await matchChecks(tx, matching);
  await matchBank(tx, matching);
  await matchAccount(tx, matching);
  await analyze(tx, sql.identifier(['pg_temp', 'finding']));
  const breaks = await keepBreaks(tx, matching);
  await closePayouts(tx, matching);
  await closeChecks(tx, matching);
  await markSettled(tx, matching);
  const posted = await postMatchedSettlements(tx, matching);
  const results: readonly Tally[] = await tallies(tx);
  return tx.one(sql.type(reconciliationRow)`
    INSERT INTO reconciliation (tenant_id, id, business_date, loads, results, breaks_opened, breaks_closed, breaks_open,
                                settlements_posted, run_by, run_at)
    VALUES (current_tenant(), ${uuidv7()}, ${matching.business_date}, ${sql.array(wish.loads, 'uuid')},
            ${JSON.stringify(results)}::jsonb, ${breaks.opened}, ${breaks.closed}, ${breaks.open}, ${posted}, ${wish.run_by},
            ${wish.now.toISOString()})
    RETURNING ${COLUMNS}`);
}

/** Comparisons, newest first. */
export function listReconciliations(
  tx: Transaction,
  { after = null, limit }: { after?: string | null | undefined; limit: number },
): Promise<readonly Reconciliation[]> {
  return tx.any(sql.type(reconciliationRow)`
    SELECT ${COLUMNS} FROM reconciliation
    WHERE tenant_id = current_tenant() AND (${after}::uuid IS NULL OR id < ${after})
    ORDER BY id DESC LIMIT ${limit}`);
}

/** The comparison; null where there is none. */
export function reconciliationOf(tx: Transaction, id: string): Promise<Reconciliation | null> {
  return tx.maybeOne(sql.type(reconciliationRow)`
    SELECT ${COLUMNS} FROM reconciliation WHERE tenant_id = current_tenant() AND id = ${id}`);
}
