import type { Logger } from 'pino';
import type { Clock } from '../../calendar/clock.ts';
import { RoundsDuty } from '../../runtime/rounds.ts';
import type { Runtime } from '../../runtime/types.ts';
import { asksByProvider, takeAsks, tenantsToAsk } from './asks.ts';

const ACTOR = 'system:notifications';
export const ASK_KIND = 'notification.ask-receipts';

/** Has providers asked about messages of which they told nothing: what is told may be lost, and is not repeated. */
export class AskDuty extends RoundsDuty {
  constructor(runtime: Pick<Runtime, 'carrierPool' | 'transact'>, clock: Clock, log: Logger) {
    const visit = (tenant: string): Promise<number> =>
      runtime.transact(tenant, ACTOR, async (tx, accept) => {
        const now = clock.now();
        const asks = asksByProvider(await takeAsks(tx, now), now);
        if (asks.length > 0) await accept(asks.map((payload) => ({ kind: ASK_KIND, payload })));
        return asks.length;
      });
    const look = () => tenantsToAsk(runtime.carrierPool, clock.now());
    super({ name: 'asking for receipts', look, visit }, log);
  }
}
