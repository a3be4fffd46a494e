import { afterAll, expect, test } from 'vitest';
import { inTenant } from '../../src/db/transaction.ts';
import { type AuditRow, listAudit, recordAudit, recordAuditIn } from '../../src/identity/audit.ts';
import { REDACTED } from '../../src/identity/redact.ts';
import { sql, testDatabase } from '../support/database.ts';

const database = await testDatabase(['acme', 'globex']);
afterAll(() => database.close());

const row = (changes: Partial<AuditRow> = {}): AuditRow => ({
  tenant: 'acme',
  actor_kind: 'operator',
  actor: 'asha@example.com',
  client_ip: '203.0.113.7',
  action: 'job.redrive',
  duration_ms: 12.3456,
  outcome: 'SUCCESS',
  ...changes,
});
const rowsOf = (action: string, tenant = 'acme') => listAudit(database.app, tenant, { action, limit: 500 });

test('an action is kept with who, from where, what with, how long and how it ended', async () => {
  await recordAudit(database.app, [
    row({
      action: 'loan.apply',
      subject: 'L-1',
      arguments: { amount: '50000.00', borrower: { name: 'Asha Rao', pan: 'ABCDE1234F' } },
      outcome: 'FAILED',
      error_code: 'not-eligible',
      request_id: 'r-1',
    }),
  ]);
  const [kept] = await rowsOf('loan.apply');
  expect(kept).toMatchObject({
    actor_kind: 'operator',
    actor: 'asha@example.com',
    client_ip: '203.0.113.7',
    subject: 'L-1',
    arguments: { amount: '50000.00', borrower: { name: REDACTED, pan: REDACTED } },
    duration_ms: '12.346',
    outcome: 'FAILED',
    error_code: 'not-eligible',
    request_id: 'r-1',
  });
  expect(kept!.at.getTime()).toBeGreaterThan(Date.now() - 60_000);
});

test('rows of several tenants each go to their own', async () => {
  await recordAudit(database.app, [
    row({ action: 'several' }),
    row({ action: 'several', tenant: 'globex', client_ip: '2001:db8::7' }),
    row({ action: 'several' }),
  ]);
  expect(await rowsOf('several')).toHaveLength(2);
  expect(await rowsOf('several', 'globex')).toMatchObject([{ client_ip: '2001:db8::7' }]);
});

test('a group’s rows are written with its effects, or not at all', async () => {
  const rows = Array.from({ length: 2_500 }, (_, index) => row({ action: 'group', subject: String(index) }));
  const failing = inTenant(database.app, 'acme', async (tx) => {
    await recordAuditIn(tx, rows);
    throw new Error('the effects failed');
  });
  await expect(failing).rejects.toThrow('the effects failed');
  expect(await rowsOf('group')).toHaveLength(0);
  await inTenant(database.app, 'acme', (tx) => recordAuditIn(tx, rows));
  await inTenant(database.app, 'acme', (tx) => recordAuditIn(tx, []));
  const written = await database.superuser(`SELECT count(*) FROM audit WHERE action = 'group'`);
  expect(written.rows).toEqual([{ count: '2500' }]);
});

test('a row handed in again is kept once', async () => {
  const again = row({ action: 'again', id: '0198c0de-1234-7abc-8def-123456789012' });
  await recordAudit(database.app, [again]);
  await recordAudit(database.app, [again, row({ action: 'again' })]);
  expect(await rowsOf('again')).toHaveLength(2);
});

test('junk in an action never keeps its row from being written', async () => {
  await recordAudit(database.app, [
    row({
      action: 'junk\0',
      actor: `\uD800${'x'.repeat(10_000)}`,
      client_ip: "1.2.3.4'; DROP TABLE audit --",
      subject: '\0',
      arguments: { '\0': '\uDFFF', deep: [[[[[[[[[[1]]]]]]]]]] },
      duration_ms: Number.NaN,
    }),
    row({ action: 'junk\0', duration_ms: 1e300 }),
  ]);
  expect(await rowsOf('junk\uFFFD')).toMatchObject([
    { duration_ms: '999999999.000' },
    { client_ip: null, duration_ms: '0.000' },
  ]);
});

test('pages follow each other without gap or repeat, newest first', async () => {
  for (let subject = 0; subject < 5; subject += 1) {
    await recordAudit(database.app, [row({ action: 'paged', subject: String(subject) })]);
  }
  const seen: (string | null)[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < 4; pages += 1) {
    const page = await listAudit(database.app, 'acme', { action: 'paged', after, limit: 2 });
    seen.push(...page.map((each) => each.subject));
    after = page.at(-1)?.id ?? after;
  }
  expect(seen).toEqual(['4', '3', '2', '1', '0']);
});

test('nobody changes the audit trail: not the application, not a superuser', async () => {
  await recordAudit(database.app, [row({ action: 'for-ever' })]);
  const asApplication = (statement: string) =>
    inTenant(database.app, 'acme', (tx) => tx.query(sql.unsafe([statement] as never)));
  for (const statement of [
    `UPDATE audit SET actor = 'somebody else'`,
    'DELETE FROM audit',
    'TRUNCATE audit',
  ]) {
    await expect(database.superuser(statement)).rejects.toThrow(/append-only/);
    await expect(asApplication(statement)).rejects.toThrow();
  }
  expect(await rowsOf('for-ever')).toMatchObject([{ actor: 'asha@example.com' }]);
});
