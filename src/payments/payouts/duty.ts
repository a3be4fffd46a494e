import type { Logger } from 'pino';
import type { Clock } from '../../calendar/clock.ts';
import { RoundsDuty } from '../../runtime/rounds.ts';
import type { Runtime } from '../../runtime/types.ts';
import { takeLooks, tenantsToLookAt } from './polls.ts';

const ACTOR = 'system:payments';

/** Has payouts looked at whose time has come: events are late, and some never come. */
export class LookDuty extends RoundsDuty {
  constructor(runtime: Pick<Runtime, 'carrierPool' | 'transact'>, clock: Clock, log: Logger) {
    const look = () => tenantsToLookAt(runtime.carrierPool, clock.now());
    const visit = (tenant: string): Promise<number> =>
      runtime.transact(tenant, ACTOR, async (tx, accept) => {
        const looks = await takeLooks(tx, clock.now());
        if (looks.length > 0) await accept(looks);
        return looks.length;
      });
    super({ name: 'looking at payouts', look, visit }, log);
  }
}
