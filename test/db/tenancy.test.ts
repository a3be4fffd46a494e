import { afterAll, expect, test } from 'vitest';
import { inTenant } from '../../src/db/transaction.ts';
import { sql, testDatabase } from '../support/database.ts';

const database = await testDatabase(['acme', 'globex']);
afterAll(() => database.close());

test('a transaction sees the rows of its own tenant only', async () => {
  const seen = await inTenant(database.app, 'acme', (tx) =>
    tx.anyFirst(sql.unsafe`SELECT tenant_id FROM tenant`),
  );
  expect(seen).toEqual(['acme']);
});

test('outside a tenant nothing is to be seen', async () => {
  expect(await database.app.any(sql.unsafe`SELECT * FROM tenant`)).toEqual([]);
});
