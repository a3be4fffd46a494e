import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { freePort, openEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of a Postgres server on which test files make databases of their own. */
    postgresUrl: string;
    /** Address of a Redis, or null where none is to be had: tests that need it are skipped by name. */
    redisUrl: string | null;
  }
}

export const TEMPLATE_DATABASE = 'kist_template';

/** One Postgres and one Redis for the whole run, and the migrated template that test files clone. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kist-test-'));
  const postgres = await openEmbedded(folder, [
    '-c fsync=off',
    '-c full_page_writes=off',
    '-c max_connections=400',
  ]);
  await makeTemplate(postgres.url);
  const redis = process.env.REDIS_URL ? null : await startRedis();
  project.provide('postgresUrl', postgres.url);
  project.provide('redisUrl', process.env.REDIS_URL ?? redis?.url ?? null);
  return async () => {
    redis?.process.kill('SIGKILL');
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

async function makeTemplate(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE DATABASE ${TEMPLATE_DATABASE}`);
  await client.end();
  const template = new URL(url);
  template.pathname = `/${TEMPLATE_DATABASE}`;
  await migrate(template.toString());
}

/** A private redis-server or valkey-server on the port given, or a free one, as Kist wants it; null where neither is on PATH. */
export async function startRedis(
  flags: string[] = [],
  wanted_port?: number,
): Promise<{ url: string; port: number; process: ChildProcess } | null> {
  for (const program of ['redis-server', 'valkey-server']) {
    const port = wanted_port ?? (await freePort());
    const child = spawn(
      program,
      [
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--appendonly',
        'no',
        '--maxmemory-policy',
        'noeviction',
        ...flags,
      ],
      { stdio: 'ignore', cwd: tmpdir() },
    );
    if (
      !(await new Promise((resolve) =>
        child.once('spawn', () => resolve(true)).once('error', () => resolve(false)),
      ))
    )
      continue;
    const url = `redis://127.0.0.1:${port}`;
    await untilRedisAnswers(url);
    return { url, port, process: child };
  }
  return null;
}

async function untilRedisAnswers(url: string): Promise<void> {
  const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
  client.on('error', () => {});
  await client.ping();
  await client.quit();
  await pause(0);
}
