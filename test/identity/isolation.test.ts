import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addOperator } from '../../src/identity/operators.ts';
import { testDatabase } from '../support/database.ts';
import { dropChecks, insertion, plantRow, type Table, tenantTables } from './planted-rows.ts';

/**
 * Globex's rows seen from a login that may act as kist_app and nothing else, working for Acme. The
 * tables come from the catalogue, so that one added tomorrow is tried as well.
 */
const database = await testDatabase(['acme', 'globex']);
const login = `login_${randomBytes(6).toString('hex')}`;
const REFUSED = '42501';
const APPEND_ONLY = 'KI001';

const tables = await tenantTables(database);
const names = tables.map((table) => table.name);
let app: pg.Client;

beforeAll(async () => {
  for (const table of tables) {
    await dropChecks(database, table);
    for (const tenant of ['acme', 'globex']) await plantRow(database, table, tenant);
  }
  await database.superuser(`CREATE ROLE ${login} LOGIN NOINHERIT NOBYPASSRLS PASSWORD 'login'`);
  await database.superuser(`GRANT kist_app TO ${login}`);
  const url = new URL(database.url);
  url.username = login;
  url.password = 'login';
  app = new pg.Client({ connectionString: url.toString() });
  await app.connect();
  await app.query('SET ROLE kist_app');
});

afterAll(async () => {
  await app.end();
  await database.superuser(`DROP ROLE ${login}`);
  await database.close();
});

test('the catalogue names the tables there are', () => {
  expect(names).toEqual(
    expect.arrayContaining(['tenant', 'job', 'journal', 'entry', 'operator', 'session', 'audit']),
  );
  expect(names.length).toBeGreaterThan(15);
});

test('every table belongs to tenants, but for two that the application cannot write', async () => {
  const others = await database.superuser(
    `SELECT relname AS name,
            has_table_privilege('kist_app', oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
              OR has_any_column_privilege('kist_app', oid, 'INSERT, UPDATE') AS writable,
            has_any_column_privilege('kist_app', oid, 'SELECT') AS readable
     FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
       AND relname <> ALL ($1) ORDER BY relname`,
    [names],
  );
  expect(others.rows).toEqual([
    { name: 'kist_migration', readable: true, writable: false },
    { name: 'login_throttle', readable: false, writable: false },
  ]);
  const carrier = await database.superuser(
    `SELECT has_schema_privilege('kist_app', 'bullmq', 'USAGE') AS reachable`,
  );
  expect(carrier.rows).toEqual([{ reachable: false }]);
});

describe.each(tables)('$name', (table) => {
  test('has row-level security that not even its owner escapes', async () => {
    const { rows } = await database.superuser(
      'SELECT relrowsecurity AS enabled, relforcerowsecurity AS forced FROM pg_class WHERE oid = $1::regclass',
      [table.name],
    );
    expect(rows).toEqual([{ enabled: true, forced: true }]);
  });

  test('shows Acme its own rows alone, and nobody’s to nobody', async () => {
    const seen = await tryAs('acme', `SELECT tenant_id FROM ${table.name}`);
    if (await mayRead(table)) {
      expect(new Set(seen.rows?.map((row) => row.tenant_id))).toEqual(new Set(['acme']));
    } else {
      expect(seen.code).toBe(REFUSED);
    }
    for (const nobody of [null, '', '*', '%', "acme' OR true --"]) {
      const answer = await tryAs(nobody, `SELECT tenant_id FROM ${table.name} WHERE tenant_id <> '*'`);
      expect(answer.rows ?? []).toEqual([]);
    }
  });

  test('takes no row for another tenant', async () => {
    for (const tenant of ['acme', null, '']) {
      const { statement, values } = insertion(table, 'globex');
      expect((await tryAs(tenant, statement, values)).code).toBe(REFUSED);
    }
  });

  test('lets nobody change, move or delete another tenant’s row', async () => {
    const before = await globexRows(table);
    expect(before).not.toEqual([]);
    for (const tenant of ['acme', null]) {
      for (const column of table.columns) {
        const change = `UPDATE ${table.name} SET ${column.name} = ${column.name}`;
        expectNothingDone(await tryAs(tenant, `${change} WHERE tenant_id = 'globex'`));
      }
      expectNothingDone(await tryAs(tenant, `DELETE FROM ${table.name} WHERE tenant_id = 'globex'`));
      expectNothingDone(await tryAs(tenant, `TRUNCATE ${table.name} CASCADE`), true);
    }
    expectNothingDone(await tryAs('acme', `UPDATE ${table.name} SET tenant_id = 'globex'`), true);
    expect(await globexRows(table)).toEqual(before);
  });

  test('cannot be freed of its protection by the application', async () => {
    for (const statement of [
      `ALTER TABLE ${table.name} DISABLE ROW LEVEL SECURITY`,
      `ALTER TABLE ${table.name} DISABLE TRIGGER ALL`,
      `CREATE POLICY open ON ${table.name} USING (true)`,
      `DROP POLICY own_tenant ON ${table.name}`,
      `ALTER TABLE ${table.name} OWNER TO kist_app`,
    ]) {
      expect((await tryAs('acme', statement)).code).toBe(REFUSED);
    }
    const unprotected = await tryAs(
      'acme',
      `SELECT tenant_id FROM ${table.name}`,
      [],
      'SET LOCAL row_security = off',
    );
    expect(unprotected.code).toBe(REFUSED);
  });
});

test('the application’s role is no stronger than it looks, and cannot become another', async () => {
  const { rows } = await database.superuser(
    `SELECT rolname FROM pg_roles WHERE rolname LIKE 'kist\\_%'
       AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)`,
  );
  expect(rows).toEqual([]);
  const memberships = await database.superuser(
    `SELECT roleid::regrole::text AS granted FROM pg_auth_members
     WHERE member IN (SELECT oid FROM pg_roles WHERE rolname IN ('kist_app', 'kist_carrier'))`,
  );
  expect(memberships.rows).toEqual([]);
  for (const role of ['postgres', 'kist_books', 'kist_identity', 'kist_carrier', 'pg_read_all_data']) {
    expect((await tryAs('acme', `SET LOCAL ROLE ${role}`)).code).toBe(REFUSED);
    expect((await tryAs('acme', `SET LOCAL SESSION AUTHORIZATION ${role}`)).code).toBe(REFUSED);
  }
  const bare = await tryAs('acme', 'SELECT tenant_id FROM job', [], 'SET LOCAL ROLE NONE');
  expect(bare.code).toBe(REFUSED);
  const creation = await tryAs('acme', 'CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql RETURN 1');
  expect(creation.code).toBe(REFUSED);
});

test('functions that see more than their caller are few, fixed in what they mean, and not for everybody', async () => {
  const { rows } = await database.superuser(
    `SELECT proname AS name FROM pg_proc
     WHERE pronamespace = 'public'::regnamespace AND prosecdef
       AND (NOT coalesce(array_to_string(proconfig, ' '), '') LIKE '%search_path=%'
            OR EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0))`,
  );
  expect(rows).toEqual([]);
  const views = await database.superuser(
    `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')
       AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)`,
  );
  expect(views.rows).toEqual([]);
});

test('password hashes and session tokens cannot be read, and no session opened for another tenant’s people', async () => {
  const id = await addOperator(database.app, {
    tenant: 'globex',
    email: 'gita@globex.example',
    name: 'Gita',
    role: 'admin',
    password: 'a long enough password',
  });
  for (const statement of [
    'SELECT password_hash FROM operator',
    'SELECT * FROM operator',
    'SELECT token_hash FROM session',
    'SELECT * FROM login_throttle',
    `UPDATE operator SET name = password_hash`,
    `UPDATE session SET expires_at = now() + interval '1 year'`,
    `INSERT INTO session (tenant_id, operator_id, token_hash, expires_at) VALUES ('acme', '${id}', 'x', now())`,
  ]) {
    expect((await tryAs('acme', statement)).code).toBe(REFUSED);
  }
  const opened = await tryAs('acme', 'SELECT open_session($1, $2, 60, NULL, NULL) AS opened', [
    id,
    randomBytes(32),
  ]);
  expect(opened.rows).toEqual([{ opened: false }]);
});

interface Answer {
  code?: string;
  rows?: Record<string, unknown>[];
  count?: number;
}

/** Runs one statement for a tenant (null: none) as the login does, and takes it back. */
async function tryAs(
  tenant: string | null,
  statement: string,
  values: unknown[] = [],
  first = '',
): Promise<Answer> {
  await app.query('BEGIN');
  try {
    if (tenant !== null) await app.query(`SELECT set_config('kist.tenant', $1, true)`, [tenant]);
    if (first !== '') await app.query(first);
    const result = await app.query(statement, values);
    return { rows: result.rows, count: result.rowCount ?? 0 };
  } catch (error) {
    return { code: String((error as { code?: unknown }).code) };
  } finally {
    await app.query('ROLLBACK');
  }
}

/** Refused, or allowed and without a row to be done to. */
function expectNothingDone(answer: Answer, mustBeRefused = false): void {
  if (answer.code !== undefined) expect([REFUSED, APPEND_ONLY]).toContain(answer.code);
  else expect({ count: answer.count, mustBeRefused }).toEqual({ count: 0, mustBeRefused: false });
}

async function mayRead(table: Table): Promise<boolean> {
  const { rows } = await database.superuser(
    `SELECT has_column_privilege('kist_app', $1, 'tenant_id', 'SELECT') AS may`,
    [table.name],
  );
  return rows[0].may;
}

async function globexRows(table: Table): Promise<string[]> {
  const { rows } = await database.superuser(
    `SELECT ctid::text || md5(t::text) AS row FROM ${table.name} AS t WHERE tenant_id = 'globex' ORDER BY 1`,
  );
  return rows.map((row) => row.row);
}
