import path from 'node:path';
import type { Config } from './config.ts';
import { openSealer } from './ledger/sealer.ts';
import { createBureauClient } from './loans/bureau-client.ts';
import { tracedFetch } from './ops/tracing.ts';
import type { Services } from './runtime/definition.ts';

/** What handlers may reach besides the database (see `Services`). */
export async function openServices(config: Config): Promise<Services> {
  return {
    bureau: createBureauClient({ url: config.KIST_BUREAU_URL, fetch: tracedFetch }),
    sealer: await openSealer(sealKeyFile(config)),
  };
}

/** Where the key lies that seals are signed with; the public half lies beside it. */
export function sealKeyFile(config: Config): string {
  return config.KIST_SEAL_KEY ?? path.join(config.KIST_DATA, 'seal-key.pem');
}
