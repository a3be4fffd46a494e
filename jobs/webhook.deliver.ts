import { z } from 'zod';
import { ATTEMPTS_MAX, deliver, prepareDelivery, WAIT_MS_MAX } from '../src/events/deliver.ts';
import { deliveryKey } from '../src/events/fan-out.ts';
import { defineStaged } from '../src/runtime/definition.ts';

export default defineStaged({
  kind: 'webhook.deliver',
  queue: 'webhooks',
  summary: 'Brings an event to an endpoint, signed; again and again for three days where it is not taken.',
  payload: z.strictObject({ endpoint: z.uuid(), event: z.uuid(), subject: z.uuid() }),
  result: z.strictObject({ outcome: z.literal('delivered'), status: z.int() }),
  key: deliveryKey,
  // The events of a subject in their order: one that is not taken bars those after it, at that endpoint.
  ordering_key: ({ endpoint, subject }) => `webhook/${endpoint}/${subject}`,
  when_head_rests: 'block',
  retry: { attempts: ATTEMPTS_MAX, backoff_ms: 1_000, backoff_ms_max: WAIT_MS_MAX },
  timeout_ms: 20_000,
  concurrency: 32,
  public: false,

  prepare: (tx, { tenant, payload: { endpoint, event } }) => prepareDelivery(tx, { tenant, endpoint, event }),
  call: (delivery, call) => deliver(delivery, call),
  settle: async (_tx, _job, status) => ({ outcome: 'delivered' as const, status }),
});
