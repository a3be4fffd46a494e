import type { Logger } from 'pino';
import type { Pool } from '../db/pools.ts';
import { RoundsDuty } from '../runtime/rounds.ts';
import { type Follower, follow, tenantsBehind } from './follow.ts';

/**
 * Follows the books of every tenant for as long as the process works. Any number of processes do: whoever
 * has the turn of a tenant follows it, the others look at the next one.
 */
export class FollowerDuty extends RoundsDuty {
  constructor(options: { pool: Pool; carrierPool: Pool; followers: readonly Follower[]; log: Logger }) {
    const { pool, carrierPool, followers, log } = options;
    const visit = async (tenant: string): Promise<number> => {
      const pass = await follow(pool, tenant, followers);
      for (const error of pass?.failures ?? []) {
        log.error({ err: error, tenant }, 'journals could not be followed; set aside');
      }
      return pass?.journals ?? 0;
    };
    super({ name: 'following the books', look: () => tenantsBehind(carrierPool), visit }, log);
  }
}
