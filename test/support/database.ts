import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { sql } from 'slonik';
import { inject, onTestFinished } from 'vitest';
import { openPool, type Pool } from '../../src/db/pools.ts';
import { TEMPLATE_DATABASE } from './servers.ts';

export interface TestDatabase {
  url: string;
  /** Acts as kist_app: what jobs and requests see. */
  app: Pool;
  /** Acts as kist_carrier. */
  carrier: Pool;
  /** Runs SQL as superuser, for what only an attacker or an owner could do. */
  superuser(text: string, values?: unknown[]): Promise<pg.QueryResult>;
  close(): Promise<void>;
}

/** A database of the test file's own, cloned from the migrated template, with the tenants given. */
export async function testDatabase(tenants: string[] = ['acme']): Promise<TestDatabase> {
  const server = new URL(inject('postgresUrl'));
  const name = `t_${randomBytes(6).toString('hex')}`;
  await asSuperuser(server.toString(), (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE_DATABASE}`),
  );
  const url = new URL(server);
  url.pathname = `/${name}`;
  const client = new pg.Pool({ connectionString: url.toString(), max: 2 });
  client.on('error', () => {});
  for (const tenant of tenants) {
    await client.query('INSERT INTO tenant (tenant_id, name) VALUES ($1, $1)', [tenant]);
  }
  const app = await openPool(url.toString(), { role: 'kist_app', connections_max: 10 });
  const carrier = await openPool(url.toString(), { role: 'kist_carrier', connections_max: 4 });
  return {
    url: url.toString(),
    app,
    carrier,
    superuser: (text, values) => client.query(text, values),
    close: async () => {
      await Promise.all([app.end(), carrier.end(), client.end()]);
      await asSuperuser(server.toString(), (admin) =>
        admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
      );
    },
  };
}

/** As testDatabase, closed by itself when the test that called it ends. */
export async function databaseForThisTest(tenants?: string[]): Promise<TestDatabase> {
  const database = await testDatabase(tenants);
  onTestFinished(() => database.close());
  return database;
}

async function asSuperuser<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export { sql };
