import type { Pool } from '../../db/pools.ts';
import { inTenant } from '../../db/transaction.ts';
import { sealKeyFile } from '../../keys.ts';
import { ALL_DAYS, type Checked, verdict } from '../../ledger/invariants.ts';
import { publicKeyFile, readPublicKey } from '../../ledger/sealer.ts';
import { verifyBooks } from '../../ledger/verify/verify.ts';
import { checkInvariants } from '../../loans/invariants/check.ts';
import type { Life } from '../life/live.ts';
import type { Plan } from '../plan/plan.ts';
import { TENANT } from '../world/lender.ts';
import type { World } from '../world/world.ts';
import { compareWithModel } from './model.ts';
import { paymentVerdicts } from './payments.ts';

/**
 * Whether everything that must hold after a life does: what production checks each day, over all days; the
 * verification of the books, which shares no code with what posts them; and what only a simulation can
 * know, that everything came as planned.
 */
export async function checkAll(
  world: World,
  pool: Pool,
  { plan, life, places }: { plan: Plan; life: Life; places: Parameters<typeof compareWithModel>[2] },
): Promise<Checked[]> {
  const standing = await inTenant(pool, TENANT, (tx) => checkInvariants(tx, ALL_DAYS));
  const told = await inTenant(pool, TENANT, (tx) => compareWithModel(tx, plan, places));
  return [
    ...standing,
    verdict('books-verify', await booksVerified(world, pool)),
    verdict('loans-as-told-by-the-engine', firstOf(told)),
    verdict('answers-as-planned', firstOf(life.surprises)),
    verdict('repeats-are-one', firstOf(life.doubled)),
    ...(await paymentVerdicts(world, plan)),
    verdict('every-job-at-rest', await restless(world)),
    verdict('every-day-closed', await openDays(world)),
    verdict('no-loan-set-aside', await setAside(world)),
  ];
}

function firstOf(lines: readonly string[]): string | null {
  const [first, ...more] = lines;
  if (first === undefined) return null;
  return more.length === 0 ? first : `${first} (and ${more.length} more)`;
}

async function booksVerified(world: World, pool: Pool): Promise<string | null> {
  const key = await readPublicKey(publicKeyFile(sealKeyFile(world.config)));
  const found = await verifyBooks(pool, TENANT, { keys: [key] });
  return found.ok ? null : JSON.stringify(found.finding);
}

async function restless(world: World): Promise<string | null> {
  const rows = await world.sql<{ line: string }>(
    `SELECT format('job %s (%s) is %s: %s %s', id, kind, state, code, message) AS line FROM job
     WHERE tenant_id = $1 AND state NOT IN ('done', 'cancelled') ORDER BY id`,
    [TENANT],
  );
  return firstOf(rows.map(({ line }) => line));
}

async function openDays(world: World): Promise<string | null> {
  const rows = await world.sql<{ line: string }>(
    `SELECT format('%s is %s', business_date, state) AS line FROM business_day
     WHERE tenant_id = $1 AND state <> 'closed' ORDER BY business_date`,
    [TENANT],
  );
  return firstOf(rows.map(({ line }) => line));
}

async function setAside(world: World): Promise<string | null> {
  const rows = await world.sql<{ line: string }>(
    `SELECT format('loan %s: %s %s', loan_id, code, message) AS line FROM loan_set_aside
     WHERE tenant_id = $1 ORDER BY loan_id`,
    [TENANT],
  );
  return firstOf(rows.map(({ line }) => line));
}
