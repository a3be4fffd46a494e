import deliverJob from '../../jobs/webhook.deliver.ts';
import { SteppedClock } from '../../src/calendar/clock.ts';
import { inTenant } from '../../src/db/transaction.ts';
import type { Webhooks } from '../../src/events/deliver.ts';
import { FanOutDuty } from '../../src/events/duty.ts';
import { type EventDraft, emit } from '../../src/events/emit.ts';
import { addEndpoint, type WithSecret } from '../../src/events/endpoints.ts';
import type { Services } from '../../src/runtime/definition.ts';
import type { RuntimeOptions } from '../../src/runtime/runtime.ts';
import type { JobState, JobView } from '../../src/runtime/types.ts';
import { NOON } from '../ledger/books.ts';
import { quiet, type TestRuntime, testRuntime } from '../support/runtime.ts';
import { until } from '../support/until.ts';
import { Receiver } from './receiver.ts';
import { testWebhooks } from './webhooks.ts';

/** Everything that sends webhooks, with waits of milliseconds, and a receiver on this machine. */
export interface Sending extends TestRuntime {
  webhooks: Webhooks;
  receiver: Receiver;
  endpoint(event_types?: string[], url?: string): Promise<WithSecret>;
  tell(...events: EventDraft[]): Promise<void>;
  /** Waits until so many deliveries to an endpoint are in the state. */
  deliveries(endpoint: string, state: JobState, count: number): Promise<JobView[]>;
}

export async function openSending(
  options: Partial<RuntimeOptions> & { webhooks?: Partial<Webhooks>; kinds?: (typeof deliverJob)[] } = {},
): Promise<Sending> {
  const { webhooks: given, kinds = [deliverJob], ...rest } = options;
  const webhooks = await testWebhooks(given);
  const system = await testRuntime(kinds, {
    services: { webhooks } as Services,
    clock: new SteppedClock(NOON),
    duties: [(runtime) => new FanOutDuty(runtime, quiet)],
    ...rest,
  });
  const receiver = await Receiver.open();
  const sending: Sending = {
    ...system,
    webhooks,
    receiver,
    endpoint: (event_types = ['*'], url = receiver.url) =>
      inTenant(system.database.app, 'acme', (tx) =>
        addEndpoint(tx, webhooks.box, {
          tenant: 'acme',
          url,
          description: '',
          event_types,
          actor: 'service:test',
        }),
      ),
    tell: async (...events) => {
      await inTenant(system.database.app, 'acme', (tx) => emit(tx, events));
    },
    deliveries: (endpoint, state, count) =>
      until(`${count} deliveries are ${state}`, async () => {
        const jobs = await system.runtime.list('acme', { kind: deliverJob.kind, state, limit: 100 });
        const found = jobs.filter(({ key }) => key.startsWith(endpoint));
        return found.length === count ? found : undefined;
      }),
    close: async () => {
      await system.close();
      await receiver.close();
    },
  };
  await system.runtime.startWorkers();
  await system.runtime.startClock();
  return sending;
}
