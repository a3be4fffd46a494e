import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { TestDatabase } from '../support/database.ts';

export interface Column {
  name: string;
  type: string;
}
export interface Table {
  name: string;
  columns: Column[];
}

/** Every table with a tenant_id, partitions included, and the columns that can be written. */
export async function tenantTables(database: TestDatabase): Promise<Table[]> {
  const { rows } = await database.superuser(`
    SELECT c.oid::regclass::text AS name,
           jsonb_agg(jsonb_build_object('name', quote_ident(a.attname), 'type', format_type(a.atttypid, NULL))
                     ORDER BY a.attnum) AS columns
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity = ''
      AND EXISTS (SELECT FROM pg_attribute AS t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id')
    GROUP BY c.oid ORDER BY 1`);
  return rows;
}

/** Made-up rows satisfy no CHECK; this database is the test's own, and the checks are not what is tried. */
export async function dropChecks(database: TestDatabase, table: Table): Promise<void> {
  const { rows } = await database.superuser(
    `SELECT quote_ident(conname) AS name FROM pg_constraint
     WHERE conrelid = $1::regclass AND contype = 'c' AND conislocal AND coninhcount = 0`,
    [table.name],
  );
  for (const { name } of rows) await database.superuser(`ALTER TABLE ${table.name} DROP CONSTRAINT ${name}`);
}

const VALUES: Record<string, (tenant: string) => unknown> = {
  text: (tenant) => `${tenant} ${randomBytes(6).toString('hex')}`,
  uuid: () => crypto.randomUUID(),
  jsonb: () => '{}',
  bytea: () => randomBytes(32),
  boolean: () => true,
  'timestamp with time zone': () => new Date(),
  date: () => '2026-01-01',
  inet: () => '203.0.113.7',
};

function valueFor(column: Column, tenant: string): unknown {
  if (column.name === 'tenant_id') return tenant;
  if (column.type.endsWith('[]')) return '{}';
  return VALUES[column.type]?.(tenant) ?? 1;
}

/** The statement that would insert a made-up row of the tenant. */
export function insertion(table: Table, tenant: string): { statement: string; values: unknown[] } {
  const places = table.columns.map((_, index) => `$${index + 1}`).join(', ');
  return {
    statement: `INSERT INTO ${table.name} (${table.columns.map((column) => column.name).join(', ')}) VALUES (${places})`,
    values: table.columns.map((column) => valueFor(column, tenant)),
  };
}

/** Without triggers and foreign keys, which made-up rows could not meet. @param given columns that matter */
export async function plantRow(
  database: TestDatabase,
  table: Table,
  tenant: string,
  given: Record<string, unknown> = {},
): Promise<void> {
  const { statement, values } = insertion(table, tenant);
  const said = values.map((value, index) => {
    const { name } = table.columns[index]!;
    return name in given ? given[name] : value;
  });
  const literals = said.map((value) =>
    Buffer.isBuffer(value)
      ? `'\\x${value.toString('hex')}'`
      : value === null
        ? 'NULL'
        : pg.escapeLiteral(value instanceof Date ? value.toISOString() : String(value)),
  );
  const filled = statement.replace(/\$(\d+)/g, (_, place) => literals[Number(place) - 1]!);
  await database.superuser(
    `BEGIN; SET LOCAL session_replication_role = replica; ${filled} ON CONFLICT DO NOTHING; COMMIT`,
  );
}
