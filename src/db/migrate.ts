import { fileURLToPath } from 'node:url';
import { runMigrations } from 'bullmq';
import { runner } from 'node-pg-migrate';
import pg from 'pg';

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
    await client.query(`
      GRANT USAGE ON SCHEMA bullmq TO kist_carrier;
      GRANT ALL ON ALL TABLES IN SCHEMA bullmq TO kist_carrier;
      GRANT ALL ON ALL SEQUENCES IN SCHEMA bullmq TO kist_carrier;
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA bullmq TO kist_carrier;`);
  } finally {
    await client.end();
  }
  return applied.map((migration) => migration.name);
}
