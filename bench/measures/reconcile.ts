import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openPool, type Pool } from '../../src/db/pools.ts';
import { inTenant } from '../../src/db/transaction.ts';
import { openChart } from '../../src/ledger/accounts.ts';
import { reconcileFiles } from '../../src/payments/reconciliation/reconcile-files.ts';
import type { Measure, Plan } from '../measure.ts';
import { compared } from '../measure.ts';
import { type Servers, startServers } from '../servers.ts';
import { addPaidOut, READ_AT, STATED_ON, writeStatement } from '../statements.ts';

const WANTED_ROWS_PER_S = 50_000;
const PAYOUTS_A_JOB = 20;

/** Lines of the gateway's account and of the bank, read from files, stored, and compared with as many payouts. */
export async function reconcileRows(plan: Plan): Promise<Measure[]> {
  const servers = await startServers();
  const pool = await openPool(servers.databaseUrl, { role: 'kist_app', connections_max: 2 });
  const folder = await mkdtemp(path.join(tmpdir(), 'kist-bench-statements-'));
  try {
    const payouts = plan.jobs * PAYOUTS_A_JOB;
    const files = [
      await writeStatement(folder, 'account', payouts),
      await writeStatement(folder, 'bank', payouts),
    ];
    const rates: number[] = [];
    // The first round warms up.
    for (let round = 0; round <= plan.rounds; round += 1) {
      const rate = await oneRound(servers, pool, { tenant: `lender-${round}`, files, payouts });
      if (round > 0) rates.push(rate);
    }
    const wanted = { name: 'rows/s wanted', values: rates.map(() => WANTED_ROWS_PER_S) };
    return [compared('reconcile-rows', 'rows/s', rates, wanted, 1)];
  } finally {
    await pool.end();
    await servers.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A lender of its own: nobody's earlier statements lie in its way. */
async function oneRound(
  servers: Servers,
  pool: Pool,
  { tenant, files, payouts }: { tenant: string; files: string[]; payouts: number },
): Promise<number> {
  await servers.sql('INSERT INTO tenant (tenant_id, name) VALUES ($1, $1)', [tenant]);
  await inTenant(pool, tenant, (tx) => openChart(tx, tenant, 'INR'));
  await addPaidOut(servers.sql, tenant, payouts);
  const began = performance.now();
  const { reconciliation } = await reconcileFiles(pool, tenant, {
    ...{
      files,
      gateway: 'razorpay',
      on: STATED_ON,
      dry_run: false,
      loaded_by: 'service:bench',
      now: READ_AT,
    },
  });
  const seconds = (performance.now() - began) / 1_000;
  const [result, ...others] = reconciliation.results;
  if (result?.result !== 'matched' || result.number !== payouts || others.length > 0) {
    throw new Error(`The statements do not match: ${JSON.stringify(reconciliation.results)}.`);
  }
  return (files.length * payouts) / seconds;
}
