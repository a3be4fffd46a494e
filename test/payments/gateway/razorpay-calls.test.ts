import { expect, test } from 'vitest';
import type { GatewayCalled } from '../../../src/payments/gateway/gateways.ts';
import { call, PAYOUT_ID, payoutEntity, razorpay, refusal } from './razorpay-server.ts';

const BODY = JSON.stringify({ reference_id: PAYOUT_ID });

test('how each request ended is told, under a name without ids', async () => {
  const told: Omit<GatewayCalled, 'gateway'>[] = [];
  const { gateway } = await razorpay(
    [
      { json: payoutEntity() },
      { json: payoutEntity() },
      { status: 400, json: refusal('No') },
      { status: 502, text: 'Bad gateway' },
      { json: { nonsense: true } },
    ],
    { onCall: (called) => told.push(called) },
  );
  await gateway.sendPayout({ key: PAYOUT_ID, body: BODY }, call());
  await gateway.payout('pout_00000000000001', call());
  const failing = [
    () => gateway.cancelPayout('pout_00000000000001', call()),
    () => gateway.sendPayout({ key: PAYOUT_ID, body: BODY }, call()),
    () => gateway.payment('pay_1', call()),
  ];
  for (const fail of failing) await expect(fail()).rejects.toThrow();
  await expect(gateway.payout('pout_1', call(AbortSignal.abort()))).rejects.toThrow('before it was sent');

  expect(told.map(({ call, outcome }) => `${call}: ${outcome}`)).toEqual([
    'POST /payouts: answered',
    'GET /payouts/*: answered',
    'POST /payouts/*/cancel: rejected',
    'POST /payouts: unknown',
    'GET /payments/*: unknown',
  ]);
  for (const { seconds } of told) expect(seconds).toBeGreaterThan(0);
});
