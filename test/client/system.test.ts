import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import { createClient } from '../../src/client/index.ts';
import { inTenant } from '../../src/db/transaction.ts';
import { generateServiceKeys } from '../../src/identity/keys.ts';
import { addService } from '../../src/identity/services.ts';
import { signServiceToken } from '../../src/identity/sign.ts';
import { openChart } from '../../src/ledger/accounts.ts';
import { openWallet } from '../../src/wallets/wallets.ts';
import { testSystem } from '../support/system.ts';

const system = await testSystem({ parts: ['api', 'worker'], queues: ['wallets'] });
afterAll(() => system.close());

async function service(name: string, scopes: string[]) {
  const { privateKey, publicKey } = generateServiceKeys();
  await addService(system.runtime.pool, { tenant: 'acme', name, scopes, public_key: publicKey });
  const token = () => signServiceToken(privateKey, { tenant: 'acme', service: name });
  return createClient({ url: system.url, token });
}

const shop = await service('shop', ['jobs:wallet.*', 'jobs:read', 'jobs:operate', 'wallets:read']);
const [asha, ravi] = [uuidv7(), uuidv7()];
await inTenant(system.runtime.pool, 'acme', async (tx) => {
  await openChart(tx, 'acme', 'INR');
  await openWallet(tx, { id: asha, owner: 'asha', currency: 'INR' });
  await openWallet(tx, { id: ravi, owner: 'ravi', currency: 'INR' });
});

test('a service pays in, transfers, and reads what came of it', async () => {
  const deposit = { wallet: asha, amount: '100.00', currency: 'INR', reference: 'cash-1' };
  expect(await shop.enqueueAndWait('wallet.deposit', deposit)).toMatchObject({ outcome: 'deposited' });

  const rent = { from: asha, to: ravi, amount: '60.00', currency: 'INR', reference: 'rent' };
  const job = await shop.enqueue('wallet.transfer', rent);
  expect(await shop.wait(job)).toMatchObject({ outcome: 'transferred' });
  const wallet = await shop.request<{ balance: string }>('GET', `/v1/wallets/${ravi}`);
  expect(wallet.balance).toBe('60.00');

  // The same work again is the same job, with its result.
  expect(await shop.enqueue('wallet.transfer', rent)).toMatchObject({
    id: job.id,
    replayed: true,
    state: 'done',
    result: { outcome: 'transferred' },
  });
});

test('a business no is a result; another payload under the same key is an error', async () => {
  const much = { from: ravi, to: asha, amount: '9999.00', currency: 'INR', reference: 'too-much' };
  const result = await shop.enqueueAndWait('wallet.transfer', much, { key: 'pay-back' });
  expect(result).toMatchObject({ outcome: 'refused', code: 'insufficient-funds' });
  const other = shop.enqueue('wallet.transfer', { ...much, amount: '1.00' }, { key: 'pay-back' });
  await expect(other).rejects.toMatchObject({ code: 'idempotency-conflict', status: 422 });
});

test('each of many jobs is answered on its own', async () => {
  const answers = await shop.enqueueMany([
    { kind: 'wallet.deposit', payload: { wallet: asha, amount: '1.00', currency: 'INR', reference: 'm-1' } },
    { kind: 'wallet.deposit', payload: { wallet: asha, amount: '1e400', currency: 'INR', reference: 'm-2' } },
  ]);
  expect(answers).toMatchObject([
    { accepted: true, job: { kind: 'wallet.deposit', replayed: false } },
    { accepted: false, error: { code: 'invalid-payload', status: 400 } },
  ]);
  const [, refused] = answers;
  if (refused?.accepted === false) expect(refused.error.errors[0]!.pointer).toBe('/jobs/1/payload/amount');
});

test('a job set for later is found, cancelled, and then no longer to be cancelled', async () => {
  const later = { wallet: asha, amount: '5.00', currency: 'INR', reference: 'later' };
  const { id } = await shop.enqueue('wallet.deposit', later, { run_at: new Date('2100-01-01') });
  expect((await shop.list({ state: 'pending', key: 'later' })).map((job) => job.id)).toEqual([id]);
  expect(await shop.cancel(id)).toMatchObject({ state: 'cancelled' });
  await expect(shop.wait(id)).rejects.toMatchObject({ code: 'job-cancelled' });
  await expect(shop.cancel(id)).rejects.toMatchObject({ code: 'illegal-transition', status: 409 });
  await expect(shop.job(uuidv7())).rejects.toMatchObject({ code: 'not-found' });
});

test('a service may do what its scopes say, and a token of somebody else is turned away', async () => {
  const auditor = await service('auditor', ['jobs:read']);
  const deposit = { wallet: asha, amount: '1.00', currency: 'INR', reference: 'no' };
  await expect(auditor.enqueue('wallet.deposit', deposit)).rejects.toMatchObject({
    code: 'missing-scope',
    status: 403,
  });
  const stranger = createClient({ url: system.url, token: 'who-am-i' });
  await expect(stranger.list()).rejects.toMatchObject({ code: 'malformed-token', status: 401 });
});
