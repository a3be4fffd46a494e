import type { Config } from './config.ts';
import type { Services } from './runtime/definition.ts';

/** What handlers may reach besides the database (see `Services`). */
export async function openServices(_config: Config): Promise<Services> {
  return {} as Services;
}
