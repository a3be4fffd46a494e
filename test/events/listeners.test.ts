import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { inTenant } from '../../src/db/transaction.ts';
import { emit, writeEvents } from '../../src/events/emit.ts';
import { fanOut } from '../../src/events/fan-out.ts';
import { listen, stopListening } from '../../src/events/listeners.ts';
import { TEST_EVENT } from '../../src/events/types.ts';
import { databaseForThisTest, type TestDatabase } from '../support/database.ts';
import { happened, subscriber } from './support.ts';

const NOTICES = { name: 'notices', kind: 'notification.notice', event_types: ['loan.closed'] };

function told(database: TestDatabase, tenant = 'acme') {
  return inTenant(database.app, tenant, async (tx) => (await fanOut(tx)).deliveries);
}

test('a kind of job is told of the events it listens to, and of no others', async () => {
  const database = await databaseForThisTest(['acme', 'globex']);
  await inTenant(database.app, 'acme', (tx) => listen(tx, NOTICES));
  const loan = uuidv7();
  const drafts = [happened(loan, 'loan.closed'), happened(loan, 'loan.opened')];
  expect(await inTenant(database.app, 'acme', (tx) => emit(tx, drafts))).toBe(1);
  expect(await inTenant(database.app, 'globex', (tx) => emit(tx, drafts))).toBe(0);
  const jobs = await told(database);
  expect(jobs).toEqual([
    { kind: 'notification.notice', payload: { event: expect.any(String), subject: loan } },
  ]);
  expect(await told(database)).toEqual([]);
  expect(await told(database, 'globex')).toEqual([]);
});

test('endpoints and listeners are told of the same event, each in its way', async () => {
  const database = await databaseForThisTest();
  const endpoint = await subscriber(database, ['loan.*']);
  await inTenant(database.app, 'acme', (tx) => listen(tx, NOTICES));
  const loan = uuidv7();
  await inTenant(database.app, 'acme', (tx) =>
    emit(tx, [happened(loan, 'loan.closed'), happened(loan, 'loan.opened')]),
  );
  const jobs = await told(database);
  expect(jobs.map(({ kind }) => kind)).toEqual(['webhook.deliver', 'notification.notice', 'webhook.deliver']);
  expect(jobs[0]!.payload).toMatchObject({ endpoint, subject: loan });
});

test('the test of an endpoint concerns nobody inside, even who listens to everything', async () => {
  const database = await databaseForThisTest();
  const endpoint = await subscriber(database, ['loan.*']);
  await inTenant(database.app, 'acme', async (tx) => {
    await listen(tx, { ...NOTICES, event_types: ['*'] });
    await writeEvents(tx, [happened(endpoint, TEST_EVENT)]);
  });
  expect((await told(database)).map(({ kind }) => kind)).toEqual(['webhook.deliver']);
});

test('who listens to other types, or no more, is told from then on accordingly', async () => {
  const database = await databaseForThisTest();
  const emitted = (type: string) =>
    inTenant(database.app, 'acme', (tx) => emit(tx, [happened(uuidv7(), type)]));
  await inTenant(database.app, 'acme', (tx) => listen(tx, NOTICES));
  await inTenant(database.app, 'acme', (tx) => listen(tx, { ...NOTICES, event_types: ['wallet.*'] }));
  expect([await emitted('loan.closed'), await emitted('wallet.frozen')]).toEqual([0, 1]);
  await inTenant(database.app, 'acme', (tx) => stopListening(tx, NOTICES.name));
  expect(await emitted('wallet.frozen')).toBe(0);
  expect(await told(database)).toEqual([]);
});
