import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { makeDataFolder, programsFolder, type ServerUser, serverUser } from './programs.ts';

const run = promisify(execFile);

const START_TIMEOUT_S = 30;
const READY_PAUSE_MS = 50;
/** Making the data folder takes 2 s; a mark older than this is of a process that died. */
const MAKING_LIMIT_MS = 60_000;
const MAKING_POLL_MS = 100;
const NOT_READY = new Set(['57P03', 'ECONNREFUSED']);
/** duplicate_database, or the same seen through its index: another process was first. */
const ALREADY_MADE = new Set(['42P04', '23505']);
const USER = 'postgres';
const PASSWORD = 'kist';
const SETTINGS = ['-c max_connections=400', '-c shared_buffers=256MB', '-c max_wal_size=2GB'];

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
  const asUser = serverUser();
  const programs = await programsFolder(asUser);
  const data = await initialise(path.resolve(folder, 'postgres'), programs, asUser);
  const control = (args: string[]) => pgCtl(programs, data, asUser, args);
  const isRunning = () =>
    control(['status', '-s']).then(
      () => true,
      () => false,
    );
  const ownPort = await freePort();
  const start = () =>
    control([
      ...['start', '-w', '-s', '-t', String(START_TIMEOUT_S), '-l', path.join(data, 'server.log')],
      ...['-o', [`-p ${ownPort}`, "-c unix_socket_directories=''", ...SETTINGS, ...settings].join(' ')],
    ]);
  const stop = (mode: string) => control(['stop', '-w', '-s', '-m', mode]);
  // Of two processes that start it at the same moment one fails, and joins the other's.
  const started =
    !(await isRunning()) &&
    (await start().then(
      () => true,
      async (error) => {
        if (await isRunning()) return false;
        throw error;
      },
    ));
  const port = started ? ownPort : await runningPort(data);
  await createDatabase(port, 'kist');
  return {
    url: `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/kist`,
    stop: async () => {
      if (started) await stop('fast');
    },
    restart: async (mode) => {
      await stop(mode);
      await start();
    },
  };
}

/** The fourth line of postmaster.pid: the port of the server that runs on the data folder. */
async function runningPort(data: string): Promise<number> {
  const lines = (await readFile(path.join(data, 'postmaster.pid'), 'utf8')).split('\n');
  return Number(lines[3]);
}

/** Makes the data folder on first use. @returns where it truly is */
async function initialise(folder: string, programs: string, asUser: ServerUser): Promise<string> {
  const isMade = () => existsSync(path.join(folder, 'PG_VERSION'));
  if (isMade() && !existsSync(`${folder}.making`)) return realpath(folder);
  await mkdir(path.dirname(folder), { recursive: true });
  const done = await begin(`${folder}.making`);
  try {
    return isMade() ? await realpath(folder) : await initialiseAlone(folder, programs, asUser);
  } finally {
    await done();
  }
}

/** Lets one process at a time make the folder; a mark that outlived its process is passed over. */
async function begin(mark: string): Promise<() => Promise<void>> {
  const deadline = Date.now() + MAKING_LIMIT_MS;
  for (;;) {
    try {
      await mkdir(mark);
      return () => rm(mark, { recursive: true, force: true });
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error;
      const made = await stat(mark).catch(() => null);
      const outlived = made !== null && Date.now() - made.mtimeMs > MAKING_LIMIT_MS;
      if (outlived || Date.now() > deadline) await rm(mark, { recursive: true, force: true });
      await pause(MAKING_POLL_MS);
    }
  }
}

async function initialiseAlone(folder: string, programs: string, asUser: ServerUser): Promise<string> {
  const data = await makeDataFolder(folder, asUser);
  const passwords = await mkdtemp(path.join(tmpdir(), 'kist-password-'));
  const passwordFile = path.join(passwords, 'password');
  await writeFile(passwordFile, PASSWORD);
  if (asUser) await Promise.all([passwords, passwordFile].map((name) => chown(name, asUser.uid, asUser.gid)));
  try {
    await run(
      path.join(programs, 'initdb'),
      [
        ...[`--pgdata=${data}`, `--username=${USER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
        ...['--encoding=UTF8', '--locale=C', '--no-sync'],
      ],
      { ...asUser, cwd: '/' },
    );
  } catch (error) {
    await rm(data, { recursive: true, force: true });
    const said = (error as { stderr?: string }).stderr ?? '';
    throw new Error(`Could not make the embedded Postgres in ${data}:\n${said}`, { cause: error });
  } finally {
    await rm(passwords, { recursive: true, force: true });
  }
  return data;
}

async function pgCtl(programs: string, data: string, asUser: ServerUser, args: string[]): Promise<void> {
  try {
    await run(path.join(programs, 'pg_ctl'), ['-D', data, ...args], { ...asUser, cwd: '/' });
  } catch (error) {
    const log = await readFile(path.join(data, 'server.log'), 'utf8').catch(() => '');
    throw new Error(`pg_ctl ${args[0]} failed on ${data}:\n${log.slice(-2_000)}`, { cause: error });
  }
}

async function createDatabase(port: number, name: string): Promise<void> {
  const client = await connectWhenReady(port);
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } catch (error) {
    if (!ALREADY_MADE.has((error as { code?: string }).code ?? '')) throw error;
  } finally {
    await client.end();
  }
}

/** A server that somebody else is starting may not take connections yet. */
async function connectWhenReady(port: number): Promise<pg.Client> {
  const deadline = Date.now() + START_TIMEOUT_S * 1_000;
  for (;;) {
    const client = new pg.Client({
      host: '127.0.0.1',
      port,
      user: USER,
      password: PASSWORD,
      database: 'postgres',
    });
    try {
      await client.connect();
      return client;
    } catch (error) {
      const { code = '' } = error as { code?: string };
      if (!NOT_READY.has(code) || Date.now() > deadline) throw error;
      await pause(READY_PAUSE_MS);
    }
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
