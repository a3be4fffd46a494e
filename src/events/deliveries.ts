import type { Clock } from '../calendar/clock.ts';
import type { Transaction } from '../db/pools.ts';
import { businessDateAt } from '../ledger/business-day.ts';
import { jobsByKey } from '../runtime/queries.ts';
import type { AcceptInTransaction, JobView } from '../runtime/types.ts';
import { writeEvents } from './emit.ts';
import { endpointOf } from './endpoints.ts';
import { EventError } from './errors.ts';
import { DELIVERY_KIND, deliveryKey, deliveryOf } from './fan-out.ts';
import { TEST_EVENT } from './types.ts';
import { type EventDocument, listEvents } from './views.ts';

export interface DeliveryView {
  event: EventDocument;
  job: JobView;
}

/**
 * What became of a page of the tenant's events at an endpoint, newest first. Events that were not for it
 * are left out, so a page may hold fewer than its limit.
 * @returns the id to go on after; null on the last page
 * @throws EventError not-found
 */
export async function deliveriesOf(
  tx: Transaction,
  endpoint: string,
  page: { after?: string | undefined; limit: number },
): Promise<{ deliveries: DeliveryView[]; next: string | null }> {
  await endpointOf(tx, endpoint);
  const events = await listEvents(tx, page);
  const keys = events.map(({ id }) => ({ kind: DELIVERY_KIND, key: deliveryKey({ endpoint, event: id }) }));
  const jobs = await jobsByKey(tx, keys);
  const deliveries = events.flatMap((event, index) => {
    const found = jobs.get(`${DELIVERY_KIND} ${keys[index]!.key}`);
    return found ? [{ event, job: found.view }] : [];
  });
  return { deliveries, next: events.length === page.limit ? events.at(-1)!.id : null };
}

/**
 * Tells an endpoint, and nobody else, of a `webhook.test`, whatever it subscribes to.
 * @throws EventError not-found, illegal-transition (it is disabled)
 */
export async function sendTest(
  tx: Transaction,
  accept: AcceptInTransaction,
  { tenant, clock }: { tenant: string; clock: Clock },
  id: string,
): Promise<{ event: string; job: string }> {
  const endpoint = await endpointOf(tx, id);
  if (endpoint.state === 'disabled') throw new EventError('illegal-transition', 'The endpoint is disabled.');
  const at = clock.now();
  const business_date = await businessDateAt(tx, tenant, at);
  const [event] = await writeEvents(tx, [
    { subject: id, type: TEST_EVENT, at, business_date, data: { endpoint: id } },
  ]);
  const [job] = await accept([deliveryOf({ endpoint: id, event: event!, subject: id })]);
  return { event: event!, job: job!.id };
}
