import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { freePort, openEmbedded } from '../src/db/embedded.ts';
import { migrate } from '../src/db/migrate.ts';

const REDIS_TRIES_MAX = 500;

/** A Postgres with fsync on, and a Redis with AOF every second: on disk, on loopback, for one measure. */
export interface Servers {
  databaseUrl: string;
  redisUrl: string | null;
  sql(text: string, values?: unknown[]): Promise<pg.QueryResult>;
  /** Statements that must share a session. */
  inOneConnection<T>(work: (run: Servers['sql']) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

export async function startServers(): Promise<Servers> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kist-bench-'));
  const postgres = await openEmbedded(folder);
  await migrate(postgres.url);
  const redis = await startRedis(folder);
  const client = new pg.Pool({ connectionString: postgres.url, max: 2 });
  client.on('error', () => {});
  return {
    databaseUrl: postgres.url,
    redisUrl: redis?.url ?? null,
    sql: (text, values) => client.query(text, values),
    inOneConnection: async (work) => {
      const connection = await client.connect();
      try {
        return await work((text, values) => connection.query(text, values));
      } finally {
        connection.release();
      }
    },
    stop: async () => {
      await client.end();
      redis?.process.kill('SIGKILL');
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startRedis(folder: string): Promise<{ url: string; process: ChildProcess } | null> {
  const port = await freePort();
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const durable = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction'];
  const child = spawn('redis-server', [...flags, ...durable], { stdio: 'ignore' });
  const started = await new Promise((resolve) => {
    child.once('spawn', () => resolve(true)).once('error', () => resolve(false));
  });
  if (!started) return null;
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, { lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 });
  client.on('error', () => {});
  for (let tries = 0; tries < REDIS_TRIES_MAX; tries += 1) {
    if (
      await client.connect().then(
        () => true,
        () => false,
      )
    )
      break;
    await pause(10);
  }
  client.disconnect();
  return { url, process: child };
}

const CHILD_LIMIT_MS = 300_000;
/** As the Procfile starts workers. */
const WORKER_FLAGS = ['--max-old-space-size=192', '--max-semi-space-size=8'];

export interface Child<Answer> {
  /** What the child sent when it was ready. */
  ready: Record<string, unknown>;
  /** What it sends when it has done its work. */
  answer: Promise<Answer>;
  /** Has it do something more. @returns what it answers to that */
  ask<Told>(question: unknown): Promise<Told>;
  stop(): Promise<void>;
}

/** Runs bench/children/<name>.ts as a process of its own, as in production, and hears its messages. */
export async function startChild<Answer>(
  name: string,
  task: Record<string, unknown>,
): Promise<Child<Answer>> {
  const child = fork(path.join(import.meta.dirname, 'children', `${name}.ts`), [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: name.endsWith('worker') ? WORKER_FLAGS : [],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.send(task);
  const messages = {
    ready: Promise.withResolvers<Record<string, unknown>>(),
    answer: Promise.withResolvers<Answer>(),
  };
  const fail = (reason: string) => {
    for (const each of [messages.ready, messages.answer]) each.reject(new Error(`${name}: ${reason}`));
  };
  messages.answer.promise.catch(() => {});
  child.on('message', (message: { ready?: Record<string, unknown>; answer?: Answer }) => {
    if (message.ready) messages.ready.resolve(message.ready);
    if (message.answer) messages.answer.resolve(message.answer);
  });
  child.once('exit', (code) => fail(`ended with ${code}`));
  const limit = setTimeout(() => fail(`not done within ${CHILD_LIMIT_MS} ms`), CHILD_LIMIT_MS);
  return {
    ready: await messages.ready.promise,
    answer: messages.answer.promise,
    ask: <Told>(question: unknown) =>
      new Promise<Told>((resolve, reject) => {
        const hear = (message: { told?: Told }) => {
          if (message.told === undefined) return;
          child.off('message', hear);
          resolve(message.told);
        };
        child.on('message', hear);
        child.once('exit', (code) => reject(new Error(`${name}: ended with ${code}`)));
        child.send({ question });
      }),
    stop: async () => {
      clearTimeout(limit);
      child.kill('SIGTERM');
      await Promise.race([exited, pause(5_000)]);
      child.kill('SIGKILL');
    },
  };
}
