import { expect, test } from 'vitest';
import { NO_GATEWAY_FAULTS } from '../../../src/sandbox/gateway/faults.ts';
import { type Lender, openLender, openReceiver } from './a-gateway.ts';

type Ending = number | 'cut';

/** How the gateway answered a payout: its status, or that the line was cut. */
async function answered(lender: Lender, reference: string): Promise<Ending> {
  return lender.pay(reference).then(
    ({ status }) => status,
    () => 'cut',
  );
}

test.each([
  ['commit-then-500', 500],
  ['commit-then-hang', 'cut'],
  ['commit-then-reset', 'cut'],
  ['commit-then-garbage', 200],
] as const)('%s: the answer is lost, the payout is made, and a repeat finds it', async (fault, seen) => {
  const lender = await openLender();
  lender.gateway.script({ fault, subject: 'loan-1' });
  expect(await answered(lender, 'loan-1')).toBe(seen);
  expect(lender.gateway.paidOut()).toMatchObject([{ reference_id: 'loan-1', status: 'processing' }]);
  expect((await lender.pay('loan-1')).body).toMatchObject({ entity: 'payout', reference_id: 'loan-1' });
  expect(lender.gateway.paidOut()).toHaveLength(1);
});

test.each([
  ['error-500', 500],
  ['reset', 'cut'],
  ['rate-limited', 429],
  ['rate-limited-bare', 429],
  ['key-mismatch', 400],
] as const)('%s: nothing is made, so often as scripted', async (fault, seen) => {
  const lender = await openLender();
  lender.gateway.script({ fault, subject: 'loan-1', times: 2 });
  expect(await answered(lender, 'loan-1')).toBe(seen);
  expect(await answered(lender, 'loan-1')).toBe(seen);
  expect(lender.gateway.paidOut()).toEqual([]);
  expect(await answered(lender, 'loan-1')).toBe(200);
  expect(lender.gateway.paidOut()).toHaveLength(1);
});

test('too many requests are told when to come back, or are not', async () => {
  const lender = await openLender();
  lender.gateway.script({ fault: 'rate-limited', subject: 'loan-1' });
  lender.gateway.script({ fault: 'rate-limited-bare', subject: 'loan-1' });
  expect((await lender.pay('loan-1')).headers.get('retry-after')).toBe('1');
  expect((await lender.pay('loan-1')).headers.get('retry-after')).toBeNull();
});

test('webhook-first: the events of the whole life are there before the answer, which tells the beginning', async () => {
  const receiver = await openReceiver();
  const lender = await openLender();
  lender.gateway.setWebhook({ url: receiver.url, secret: 'whisper' });
  lender.gateway.script({ fault: 'webhook-first', subject: 'loan-1' });
  const { body } = await lender.pay('loan-1');
  expect(body.status).toBe('processing');
  expect(receiver.events()).toEqual(
    expect.arrayContaining(['payout.initiated', 'payout.processed', 'payout.updated']),
  );
  expect((await lender.call('GET', `/payouts/${body.id}`)).body.status).toBe('processed');
});

test('a look-up fails only where the script names it', async () => {
  const lender = await openLender();
  const { body } = await lender.pay('loan-1');
  lender.gateway.script({ fault: 'error-500', subject: 'loan-1', call: 'payout.fetch' });
  expect((await lender.call('GET', `/payouts/${body.id}`)).status).toBe(500);
  lender.gateway.script({ fault: 'error-500', subject: 'loan-1' });
  expect((await lender.call('GET', `/payouts/${body.id}`)).status).toBe(200);
});

test('the log tells what reached the gateway: key, hash of the bytes, what came of it', async () => {
  const lender = await openLender();
  lender.gateway.script({ fault: 'commit-then-reset', subject: 'loan-1' });
  await answered(lender, 'loan-1');
  await lender.pay('loan-1');
  const calls = lender.gateway.log().filter(({ path }) => path === '/v1/payouts');
  expect(calls).toMatchObject([
    { method: 'POST', idempotency_key: 'key-loan-1', fault: 'commit-then-reset', status: null },
    { method: 'POST', idempotency_key: 'key-loan-1', fault: null, status: 200 },
  ]);
  expect(calls[0]!.body_sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(calls[1]!.body_sha256).toBe(calls[0]!.body_sha256);
});

test('the same seed brings the same faults, in whatever order the payouts come', async () => {
  const rates = { 'commit-then-500': 300, 'error-500': 300, failed: 300, 'processed-reversed': 200 };
  const life = async (seed: number, references: readonly string[]) => {
    const lender = await openLender({ seed, faults: { ...NO_GATEWAY_FAULTS, rates } });
    const answers: [string, Ending[]][] = [];
    await lender.fundAccount();
    for (const reference of references) {
      const tries: Ending[] = [];
      for (let attempt = 0; attempt < 4; attempt += 1) tries.push(await answered(lender, reference));
      answers.push([reference, tries]);
    }
    await lender.pass({ days: 5 });
    const states = lender.gateway.paidOut().map(({ reference_id, status }) => `${reference_id} ${status}`);
    return { answers: answers.sort(), states: states.sort() };
  };
  const references = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => `loan-${letter}`);
  const first = await life(7, references);
  expect(await life(7, references.toReversed())).toEqual(first);
  expect(await life(8, references)).not.toEqual(first);
  expect(first.answers.every(([, tries]) => tries.at(-1) === 200)).toBe(true);
});
