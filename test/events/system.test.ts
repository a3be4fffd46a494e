import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import { verifyWebhook } from '../../src/client/index.ts';
import { inTenant } from '../../src/db/transaction.ts';
import { emit } from '../../src/events/emit.ts';
import { addEndpoint } from '../../src/events/endpoints.ts';
import { keyRingIn } from '../../src/secrets/key-ring.ts';
import { createSecretBox } from '../../src/secrets/secret-box.ts';
import { testSystem } from '../support/system.ts';
import { until } from '../support/until.ts';
import { Receiver } from './receiver.ts';
import { happened } from './support.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'kist-events-'));
const KIST_SECRET_KEY = path.join(folder, 'secret-key');
const receiver = await Receiver.open();
const system = await testSystem({
  parts: ['worker', 'clock'],
  settings: { KIST_SECRET_KEY, KIST_WEBHOOK_ALLOW_PRIVATE: 'true' },
});
afterAll(async () => {
  await system.close();
  await receiver.close();
  await rm(folder, { recursive: true });
});

test('the system as it is started sends what happens, and the client of a service takes it', async () => {
  const box = createSecretBox(await keyRingIn(KIST_SECRET_KEY));
  const wish = {
    tenant: 'acme',
    url: receiver.url,
    description: '',
    // Not every type: the clock closes yesterday as the system starts, and tells of that too.
    event_types: ['loan.closed'],
    actor: 'service:test',
  };
  const { secret } = await inTenant(system.database.app, 'acme', (tx) => addEndpoint(tx, box, wish));
  const loan = uuidv7();
  await inTenant(system.database.app, 'acme', (tx) => emit(tx, [happened(loan, 'loan.closed')]));
  const [got] = await until('it came', () => (receiver.received.length > 0 ? receiver.received : undefined));
  const event = await verifyWebhook(got!.headers, got!.body, secret);
  expect(event).toMatchObject({ type: 'loan.closed', subject: loan, sequence: 1 });
});
