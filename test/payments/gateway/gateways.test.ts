import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tracedFetch } from '../../../src/ops/tracing.ts';
import { createGateways } from '../../../src/payments/gateway/gateways.ts';
import { amount, paise } from '../../../src/payments/gateway/razorpay/money.ts';
import { call, payoutEntity, razorpay } from './razorpay-server.ts';

test('a gateway is known by its name, and reached where and as it is told', async () => {
  const { asked, url } = await razorpay([{ json: payoutEntity() }, () => {}]);
  const gateways = createGateways({ razorpay_url: `${url}/`, fetch: tracedFetch });
  expect([...gateways.keys()]).toEqual(['razorpay']);
  const gateway = gateways.get('razorpay')!;
  expect(gateway.name).toBe('razorpay');
  expect(await gateway.payout('pout_1', call())).toMatchObject({ amount: '10000.50' });
  expect(asked[0]).toMatchObject({ path: '/v1/payouts/pout_1' });
  const impatient = createGateways({ razorpay_url: url, timeout_ms: 50, fetch: tracedFetch }).get(
    'razorpay',
  )!;
  await expect(impatient.payout('pout_1', call())).rejects.toMatchObject({
    kind: 'unknown',
    code: 'timeout',
  });
});

test('rupees and paise are the same money, to the last paisa', () => {
  const sum = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(sum, (units) => {
      const text = amount.parse(units);
      expect(text).toMatch(/^\d+\.\d{2}$/);
      expect(paise({ amount: text, currency: 'INR' })).toBe(units);
    }),
  );
});
