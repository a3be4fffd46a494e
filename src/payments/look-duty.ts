import type { Logger } from 'pino';
import type { Clock } from '../calendar/clock.ts';
import { RoundsDuty } from '../runtime/rounds.ts';
import type { Runtime } from '../runtime/types.ts';
import * as collections from './collections/looking.ts';
import * as payouts from './payouts/polls.ts';

const ACTOR = 'system:payments';

/** Has payouts, orders and refunds looked at whose time has come: events are late, and some never come. */
export class LookDuty extends RoundsDuty {
  constructor(runtime: Pick<Runtime, 'carrierPool' | 'transact'>, clock: Clock, log: Logger) {
    const look = async () => {
      const found = await Promise.all(
        [payouts, collections].map((each) => each.tenantsToLookAt(runtime.carrierPool, clock.now())),
      );
      return [...new Set(found.flat())];
    };
    const visit = (tenant: string): Promise<number> =>
      runtime.transact(tenant, ACTOR, async (tx, accept) => {
        const now = clock.now();
        const looks = [...(await payouts.takeLooks(tx, now)), ...(await collections.takeLooks(tx, now))];
        if (looks.length > 0) await accept(looks);
        return looks.length;
      });
    super({ name: 'looking at payments', look, visit }, log);
  }
}
