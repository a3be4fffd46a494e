import { afterAll, beforeEach, expect, test } from 'vitest';
import { buildApi } from '../../../src/api/app.ts';
import { systemClock } from '../../../src/calendar/clock.ts';
import { createIdentity } from '../../../src/identity/identity.ts';
import { createGateways } from '../../../src/payments/gateway/gateways.ts';
import { testApi } from '../../api/support.ts';
import { testWebhooks } from '../../events/webhooks.ts';
import { quiet } from '../../support/runtime.ts';
import { until } from '../../support/until.ts';
import { ACCOUNT, payoutEvent, SECRET, setAccount, tell } from './gateway-side.ts';

const webhooks = await testWebhooks();
const api = await testApi({ webhooks });
/** Another process, which has to hear of changes by itself. */
const other = {
  app: buildApi({
    ...{ runtime: api.runtime, identity: createIdentity({ pool: api.runtime.pool, log: quiet }) },
    ...{ pool: api.runtime.pool, clock: systemClock, webhooks, gateways: createGateways(), log: quiet },
    config: { KIST_TRUSTED_PROXIES: '', KIST_CREDIT_BACKLOG_MAX: 10_000 },
  }),
};
afterAll(async () => {
  await other.app.close();
  await api.close();
});

const RAZORPAY = '/v1/gateways/razorpay';
const event = payoutEvent('pout_1');
const both = async (secret: string) => [
  (await tell(api, event, { secret })).statusCode,
  (await tell(other, event, { secret })).statusCode,
];
const rotate = async (webhook_secret: string) => {
  const answer = await api.send('POST', `${RAZORPAY}/rotate-webhook-secret`, { webhook_secret });
  expect(answer.statusCode).toBe(200);
};
let made = 0;

beforeEach(async () => {
  await api.send('POST', `${RAZORPAY}/enable`);
  await setAccount(api.database.app, webhooks.box, 'acme', { ...ACCOUNT, webhook_secret: SECRET });
  await until('both know the secret', async () => (await both(SECRET)).every((status) => status === 200));
  made += 1;
});

test('a new secret is good within a second everywhere, and the former one beside it', async () => {
  await rotate(`rotated-${made}`);
  expect(await both(SECRET)).toEqual([200, 200]);
  await until('the new one is known', async () =>
    (await both(`rotated-${made}`)).every((status) => status === 200),
  );
  const { rows } = await api.database.superuser(
    'SELECT DISTINCT signed_with FROM callback_event ORDER BY signed_with',
  );
  expect(rows).toEqual([{ signed_with: 'former' }, { signed_with: 'present' }]);
});

test('a secret that was replaced twice, or whose time is over, is good nowhere from that moment', async () => {
  await rotate(`second-secret-${made}`);
  await rotate(`third-secret-${made}`);
  expect(await both(SECRET)).toEqual([401, 401]);
  expect((await both(`second-secret-${made}`)).every((status) => status === 200)).toBe(true);
  await api.database.superuser(
    `UPDATE payment_gateway SET former_webhook_secret_until = now() - interval '1 second', version = version + 1`,
  );
  expect(await both(`second-secret-${made}`)).toEqual([401, 401]);
});

test('a disabled account takes nothing from that moment, and takes it again once it is enabled', async () => {
  await api.send('POST', `${RAZORPAY}/disable`);
  expect(await both(SECRET)).toEqual([401, 401]);
  await api.send('POST', `${RAZORPAY}/enable`);
  await until('both take it again', async () => (await both(SECRET)).every((status) => status === 200));
});

test('whoever sends forgeries has an account read once a second, not more', async () => {
  const reads = async () => {
    const { rows } = await api.database.superuser(
      `SELECT sum(seq_scan + coalesce(idx_scan, 0))::int AS reads FROM pg_stat_user_tables WHERE relname = 'payment_gateway'`,
    );
    return rows[0].reads as number;
  };
  const began = performance.now();
  await until('the second of the last reading is over', async () => performance.now() - began > 1_100);
  await api.database.superuser('SELECT pg_stat_force_next_flush()');
  const before = await reads();
  for (let forged = 0; forged < 100; forged += 1) await tell(api, event, { secret: 'forged' });
  await until('the readings are counted', async () => (await reads()) > before);
  expect((await reads()) - before).toBeLessThan(10);
});
