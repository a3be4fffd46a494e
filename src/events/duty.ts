import type { Logger } from 'pino';
import { ACCEPT_BATCH_MAX } from '../runtime/accept.ts';
import { RoundsDuty } from '../runtime/rounds.ts';
import type { Runtime } from '../runtime/types.ts';
import { fanOut, tenantsWithEvents } from './fan-out.ts';

const ACTOR = 'system:events';

/** Accepts the deliveries of what was emitted, within a moment of its commit. */
export class FanOutDuty extends RoundsDuty {
  constructor(runtime: Pick<Runtime, 'carrierPool' | 'transact'>, log: Logger) {
    const visit = (tenant: string): Promise<number> =>
      runtime.transact(tenant, ACTOR, async (tx, accept) => {
        const { events, deliveries } = await fanOut(tx);
        for (let start = 0; start < deliveries.length; start += ACCEPT_BATCH_MAX) {
          await accept(deliveries.slice(start, start + ACCEPT_BATCH_MAX));
        }
        return events;
      });
    super({ name: 'fanning out events', look: () => tenantsWithEvents(runtime.carrierPool), visit }, log);
  }
}
