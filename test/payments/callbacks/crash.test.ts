import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { createGateways } from '../../../src/payments/gateway/gateways.ts';
import type { Services } from '../../../src/runtime/definition.ts';
import { testApi } from '../../api/support.ts';
import { testWebhooks } from '../../events/webhooks.ts';
import { until } from '../../support/until.ts';
import { HASTY_PACE } from '../paying.ts';
import { payoutEvent, setAccount, tell } from './gateway-side.ts';

const webhooks = await testWebhooks();
const services = {
  payments: { gateways: createGateways(), account: async () => null, pace: HASTY_PACE },
} as unknown as Services;
const api = await testApi({ webhooks, services });
afterAll(() => api.close());
await setAccount(api.database.app, webhooks.box);

test('an event whose carrier forgot it before anybody applied it is applied all the same', async () => {
  const event_id = randomUUID();
  expect((await tell(api, payoutEvent('pout_1'), { event_id })).statusCode).toBe(200);
  await api.flushCarrier();
  await api.flushCarrier();
  const worker = await api.another();
  await worker.startWorkers(['callbacks']);
  await worker.startClock();
  await until('it is applied', async () => {
    const { rows } = await api.database.superuser(
      'SELECT outcome, applied_at FROM callback_event WHERE event_id = $1',
      [event_id],
    );
    return rows[0].applied_at !== null && rows[0].outcome === 'payout: stranger';
  });
});
