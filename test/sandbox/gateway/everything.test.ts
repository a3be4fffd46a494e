import { expect, test } from 'vitest';
import { ALL_GATEWAY_FAULTS } from '../../../src/sandbox/gateway/faults.ts';
import { type Answer, type Lender, openLender, openReceiver, scratchFile } from './a-gateway.ts';

const OPENING = 1_000_000_000_000;

/** Calls until it is answered, as a lender must. */
async function insist(call: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 0; attempt < 12; attempt += 1) {
    const answer = await call().catch(() => null);
    if (answer && (answer.body.id || answer.body.razorpay_payment_id)) return answer;
  }
  throw new Error('Never answered.');
}

async function live(lender: Lender, round: number): Promise<void> {
  for (let number = 0; number < 12; number += 1) {
    const name = `${round}-${number}`;
    await insist(() => lender.pay(`loan-${name}`, { mode: number % 2 ? 'NEFT' : 'IMPS' }));
    const order = { amount: 100_000 + number, currency: 'INR', receipt: `due-${name}` };
    const { body } = await insist(() => lender.call('POST', '/orders', order));
    const payment = lender.gateway.payBy(body.id);
    if (payment.status !== 'captured' || number % 3 > 0) continue;
    const headers = { 'x-refund-idempotency': `refund-${name}` };
    await insist(() => lender.call('POST', `/payments/${payment.id}/refund`, { amount: 1_000 }, headers));
  }
}

test('whatever goes wrong, through restarts: the statement, payouts and settlements agree to the paisa', async () => {
  const file = await scratchFile();
  const receiver = await openReceiver();
  const webhook = { url: receiver.url, secret: 'whisper', former_secret: 'murmur' };
  const options = { file, seed: 7, hang_ms: 1, deliveries_max: 8, faults: ALL_GATEWAY_FAULTS };
  let lender = await openLender(options);
  for (let round = 0; round < 5; round += 1) {
    lender.gateway.setWebhook(webhook);
    await live(lender, round);
    await lender.pass({ days: 1 });
    const now = lender.gateway.now();
    await lender.stop();
    lender = await openLender({ ...options, now: () => now });
  }
  for (let day = 0; day < 20; day += 1) await lender.pass({ days: 1 });

  const payouts = lender.gateway.paidOut();
  expect(new Set(payouts.map(({ reference_id }) => reference_id)).size).toBe(60);
  expect(payouts).toHaveLength(60);
  expect(new Set(payouts.map(({ status }) => status))).toEqual(
    new Set(['processed', 'reversed', 'failed', 'rejected']),
  );
  const out = payouts.reduce(
    (sum, { debited, returned, amount, fees }) =>
      sum + (debited ? amount + fees : 0) - (returned ? amount : 0),
    0,
  );
  const settled = lender.gateway.settlements();
  for (const { settlement, truth } of settled) {
    expect(truth.reduce((sum, { credit, debit }) => sum + credit - debit, 0)).toBe(settlement.amount);
    for (const { type, amount, fee, credit } of truth)
      if (type === 'payment') expect(credit).toBe(amount - fee);
  }
  const into = settled.reduce((sum, { settlement }) => sum + settlement.amount, 0);
  expect(lender.gateway.balance()).toBe(OPENING - out + into);

  const captured = lender.gateway.payments().filter((payment) => payment.captured);
  const rows = settled.flatMap(({ truth }) => truth).filter(({ type }) => type === 'payment');
  for (const { id, amount, fee } of captured) {
    const own = rows.filter(({ entity_id }) => entity_id === id);
    expect(own.reduce((sum, row) => sum + row.credit, 0)).toBe(amount - fee!);
  }

  const lines = lender.gateway.bankStatement('2026-11-01', '2027-01-31').trim().split('\n').slice(1);
  let balance = OPENING;
  for (const line of lines) {
    const [debit, credit, after] = line
      .split(',')
      .slice(4)
      .map((text) => Number(text.replace('.', '')));
    balance += credit! - debit!;
    expect(after).toBe(balance);
  }
});
