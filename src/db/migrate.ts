import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runMigrations } from 'bullmq';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { sql } from 'slonik';
import { z } from 'zod';
import type { Pool } from './pools.ts';

const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * Brings the database to this release: Kist's numbered SQL files, then BullMQ's own schema for its
 * PostgreSQL backend. Runs under an advisory lock, so several releases at once are safe.
 * @returns the names of the migrations applied now, none when the database is up to date.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const applied = await runner({
    databaseUrl,
    dir: MIGRATIONS_FOLDER,
    direction: 'up',
    log: () => {},
    migrationsTable: 'kist_migration',
    checkOrder: true,
  });
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await runMigrations(client);
    // CREATE, because the backend makes a sequence for each queue when it is first used.
    await client.query(`
      GRANT SELECT ON kist_migration TO kist_app, kist_carrier;
      GRANT USAGE, CREATE ON SCHEMA bullmq TO kist_carrier;
      GRANT ALL ON ALL TABLES IN SCHEMA bullmq TO kist_carrier;
      GRANT ALL ON ALL SEQUENCES IN SCHEMA bullmq TO kist_carrier;
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA bullmq TO kist_carrier;`);
  } finally {
    await client.end();
  }
  return applied.map((migration) => migration.name);
}

/** The names of migrations that this release brings and the database has not seen yet. */
export async function missingMigrations(pool: Pool): Promise<string[]> {
  const applied = await pool.anyFirst(
    sql.type(z.object({ name: z.string() }))`SELECT name FROM kist_migration`,
  );
  const brought = (await readdir(MIGRATIONS_FOLDER)).filter((file) => file.endsWith('.sql'));
  return brought.map((file) => file.replace(/\.sql$/, '')).filter((name) => !applied.includes(name));
}
