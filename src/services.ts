import type { Config } from './config.ts';
import { createBureauClient } from './loans/bureau-client.ts';
import type { Services } from './runtime/definition.ts';

/** What handlers may reach besides the database (see `Services`). */
export async function openServices(config: Config): Promise<Services> {
  return { bureau: createBureauClient({ url: config.KIST_BUREAU_URL }) };
}
