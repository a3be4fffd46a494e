import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../support/database.ts';

/** One line of the dump per object; each query answers (line), already in order. */
const CATALOGUE: Record<string, string> = {
  'Tables: kind, row-level security, storage parameters': `
    SELECT format('%s %s%s%s%s', CASE relkind WHEN 'v' THEN 'view' WHEN 'S' THEN 'sequence' ELSE 'table' END,
                  oid::regclass,
                  CASE WHEN relkind = 'p' THEN ' partition by ' || pg_get_partkeydef(oid) END,
                  CASE WHEN relrowsecurity THEN ' row security' || CASE WHEN relforcerowsecurity THEN ', forced' END END,
                  ' with ' || array_to_string(reloptions, ', '))
      FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')`,
  Columns: `
    SELECT format('%s.%s %s%s%s', attrelid::regclass, attname, format_type(atttypid, atttypmod),
                  CASE WHEN attnotnull THEN ' not null' END,
                  CASE WHEN attgenerated = '' THEN ' default ' ELSE ' generated ' END || pg_get_expr(adbin, adrelid))
      FROM pg_attribute
      JOIN pg_class ON pg_class.oid = attrelid
      LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')
       AND attnum > 0 AND NOT attisdropped AND NOT relispartition`,
  Constraints: `
    SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace AND contype <> 'n' AND conrelid <> 0`,
  Indexes: `
    SELECT pg_get_indexdef(indexrelid)
      FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
     WHERE relnamespace = 'public'::regnamespace`,
  Policies: `
    SELECT format('%s %s for %s to %s%s%s', tablename, policyname, cmd, array_to_string(roles, ', '),
                  ' using ' || qual, ' check ' || with_check)
      FROM pg_policies WHERE schemaname = 'public'`,
  Triggers: `
    SELECT pg_get_triggerdef(pg_trigger.oid)
      FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
     WHERE relnamespace = 'public'::regnamespace AND NOT tgisinternal`,
  'Functions: owner, rights, fingerprint of the source': `
    SELECT format('%s(%s) returns %s %s%s owner %s md5 %s', proname, pg_get_function_identity_arguments(oid),
                  coalesce(pg_get_function_result(oid), 'nothing'),
                  CASE WHEN prosecdef THEN 'security definer ' END, array_to_string(proconfig, ' '),
                  CASE WHEN proowner = 10 THEN 'migrator' ELSE proowner::regrole::text END,
                  md5(pg_get_functiondef(oid)))
      FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind <> 'a'`,
  'Grants on tables': `
    SELECT format('%s to %s: %s', relname, coalesce(nullif(grantee, 0)::regrole::text, 'PUBLIC'),
                  string_agg(privilege_type, ', ' ORDER BY privilege_type))
      FROM pg_class CROSS JOIN LATERAL aclexplode(relacl)
     WHERE relnamespace = 'public'::regnamespace AND grantee <> relowner
     GROUP BY relname, grantee`,
  'Grants on columns': `
    SELECT format('%s to %s: %s (%s)', attrelid::regclass, grantee::regrole, privilege_type,
                  string_agg(attname, ', ' ORDER BY attnum))
      FROM pg_attribute CROSS JOIN LATERAL aclexplode(attacl)
     WHERE (SELECT relnamespace FROM pg_class WHERE oid = attrelid) = 'public'::regnamespace
     GROUP BY attrelid, grantee, privilege_type`,
  'Grants on functions': `
    SELECT format('%s(%s) to %s', proname, pg_get_function_identity_arguments(oid),
                  coalesce(nullif(grantee, 0)::regrole::text, 'PUBLIC'))
      FROM pg_proc CROSS JOIN LATERAL aclexplode(coalesce(proacl, acldefault('f', proowner)))
     WHERE pronamespace = 'public'::regnamespace AND grantee <> proowner`,
};

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase([]);
});

afterAll(() => database.close());

test('the migrations make exactly the schema that was reviewed', async () => {
  const sections: string[] = [];
  for (const [heading, query] of Object.entries(CATALOGUE)) {
    const { rows } = await database.superuser(
      `SELECT line FROM (${query}) AS found (line) ORDER BY line COLLATE "C"`,
    );
    sections.push(`-- ${heading}\n${rows.map((row) => row.line).join('\n')}\n`);
  }
  await expect(
    sections.join('\n'),
    'The schema changed: review it, then run `npm test -- test/db/schema.test.ts -u`.',
  ).toMatchFileSnapshot('schema.snapshot.sql');
});

test('every table that holds a tenant is under forced row-level security', async () => {
  const { rows } = await database.superuser(`
    SELECT relname AS open_table
      FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'tenant_id'
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
       AND NOT (relrowsecurity AND relforcerowsecurity)`);
  expect(rows).toEqual([]);
});
