import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { Pool } from '../src/db/pools.ts';
import { openPool } from '../src/db/pools.ts';
import { inTenant } from '../src/db/transaction.ts';
import { generateServiceKeys } from '../src/identity/keys.ts';
import { addService } from '../src/identity/services.ts';
import { signServiceToken } from '../src/identity/sign.ts';
import { openChart } from '../src/ledger/accounts.ts';
import { openLoans } from '../src/loans/opening.ts';
import { addProduct, currentProduct, STANDARD_PRODUCT } from '../src/loans/products.ts';
import type { JobRequest } from '../src/runtime/definition.ts';
import { loadJobs } from '../src/runtime/registry.ts';
import { createRuntime } from '../src/runtime/runtime.ts';
import { JOBS_FOLDER } from '../src/system.ts';
import type { Servers } from './servers.ts';

export const TENANT = 'lender';
const BATCH = 500;
const TENURE_MONTHS = 12;

/** A lender whose approved loans wait to be paid out. */
export interface Lender {
  pool: Pool;
  /** Opens approved loans of twelve instalments, a wallet each. @returns their ids */
  openLoans(count: number): Promise<string[]>;
  /** A bearer token of a service that may do everything. */
  token(): Promise<string>;
  close(): Promise<void>;
}

export async function openLender(servers: Servers): Promise<Lender> {
  await servers.sql('INSERT INTO tenant (tenant_id, name) VALUES ($1, $1) ON CONFLICT DO NOTHING', [TENANT]);
  const pool = await openPool(servers.databaseUrl, { role: 'kist_app', connections_max: 4 });
  await inTenant(pool, TENANT, async (tx) => {
    await openChart(tx, TENANT, 'INR');
    await addProduct(tx, STANDARD_PRODUCT);
  });
  const keys = generateServiceKeys();
  const scopes = ['jobs:*', 'loans:read', 'wallets:read', 'notifications:send'];
  await addService(pool, { tenant: TENANT, name: 'bench', scopes, public_key: keys.publicKey });
  return {
    pool,
    openLoans: async (count) => {
      const ids: string[] = [];
      while (ids.length < count) ids.push(...(await openBatch(pool, Math.min(BATCH, count - ids.length))));
      return ids;
    },
    token: () => signServiceToken(keys.privateKey, { tenant: TENANT, service: 'bench', ttl_s: 3_600 }),
    close: () => pool.end(),
  };
}

function openBatch(pool: Pool, count: number): Promise<string[]> {
  return inTenant(pool, TENANT, async (tx) => {
    const product = await currentProduct(tx, STANDARD_PRODUCT.code);
    const openings = Array.from({ length: count }, (_, index) => ({
      application: null,
      wallet: uuidv7(),
      owner: 'bench',
      product,
      principal: `${10_000 + ((index * 137) % 90_000)}.00`,
      tenure_months: TENURE_MONTHS,
    }));
    return openLoans(tx, openings, new Date());
  });
}

/** Accepts and dispatches a disbursal of each loan; no worker runs yet. */
export function acceptDisbursals(
  servers: Servers,
  redisUrl: string | null,
  loans: readonly string[],
): Promise<void> {
  return acceptJobs(
    servers,
    redisUrl,
    loans.map((loan) => ({ kind: 'loan.disburse', payload: { loan } })),
  );
}

/** Accepts and dispatches jobs; no worker runs yet. */
export async function acceptJobs(
  servers: Servers,
  redisUrl: string | null,
  requests: readonly JobRequest[],
): Promise<void> {
  const runtime = await createRuntime({
    databaseUrl: servers.databaseUrl,
    redisUrl: redisUrl ?? undefined,
    registry: await loadJobs(JOBS_FOLDER),
    log: pino({ level: 'silent' }),
    sweep_after_ms: 600_000,
  });
  for (let start = 0; start < requests.length; start += BATCH) {
    await runtime.submit(TENANT, 'service:bench', requests.slice(start, start + BATCH));
  }
  await runtime.stop();
}
