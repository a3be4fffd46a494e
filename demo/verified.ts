import type { Config } from '../src/config.ts';
import type { Pool } from '../src/db/pools.ts';
import { sealKeyFile } from '../src/keys.ts';
import { publicKeyFile, readPublicKey } from '../src/ledger/sealer.ts';
import { verifyBooks } from '../src/ledger/verify/verify.ts';

/** Verifies the tenant's books as an auditor would: every hash, chain, balance, seal and signature. */
export async function verified(
  pool: Pool,
  tenant: string,
  config: Config,
): Promise<{ ok: boolean; message: string }> {
  const key = await readPublicKey(publicKeyFile(sealKeyFile(config)));
  const found = await verifyBooks(pool, tenant, { keys: [key] });
  if (!found.ok) return { ok: false, message: `do NOT verify: ${JSON.stringify(found.finding)}` };
  const { journals, streams, entries, seals } = found;
  return {
    ok: true,
    message: `verified: ${journals} journals in ${streams} chains, ${entries} entries, ${seals} seals`,
  };
}
