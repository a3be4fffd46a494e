import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type EmbeddedDatabase, freePort, openEmbedded } from '../../src/db/embedded.ts';
import { until } from '../support/until.ts';

/** On a busy machine; a start takes about a second. */
const START_MS_MAX = 45_000;

const root = path.resolve(import.meta.dirname, '../..');

let folder: string;
let server: EmbeddedDatabase;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'kist-deploy-'));
  server = await openEmbedded(folder, ['-c fsync=off']);
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** The database's address for one of the logins of deploy/logins.sql. */
function addressOf(login: 'owner' | 'process'): string {
  const url = new URL(server.url);
  url.username = `kist_${login}`;
  url.password = `${login}_password`;
  return url.toString();
}

async function query(url: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

/** What psql would send: its own commands carried out, its variables put in. */
async function loginsAsPsqlSendsThem(): Promise<string> {
  const text = await readFile(path.join(root, 'deploy/logins.sql'), 'utf8');
  return text.replaceAll(/^\\getenv.*$/gm, '').replaceAll(/:'(\w+)'/g, "'$1'");
}

/** The processes of the Procfile, by name. */
async function procfile(): Promise<Map<string, string[]>> {
  const lines = (await readFile(path.join(root, 'Procfile'), 'utf8')).trim().split('\n');
  return new Map(
    lines.map((line) => {
      const [name, command] = line.split(': ');
      return [name!, command!.split(' ')];
    }),
  );
}

interface Started {
  process: ChildProcess;
  said: () => string;
  exit: Promise<number | null>;
}

async function start(name: string, environment: Record<string, string>): Promise<Started> {
  const [program, ...words] = (await procfile()).get(name)!;
  expect(program).toBe('node');
  const { PATH } = process.env;
  const child = spawn(process.execPath, words, {
    cwd: root,
    env: { PATH, KIST_DATA: folder, ...environment },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  onTestFinished(() => void child.kill('SIGKILL'));
  return { process: child, said: () => said, exit };
}

test('release migrates as the owner, who sees no tenant’s business; the other login by itself sees nothing', async () => {
  await query(server.url, await loginsAsPsqlSendsThem());
  const release = await start('release', { DATABASE_URL: addressOf('owner') });
  expect(await release.exit, release.said()).toBe(0);
  await query(
    server.url,
    `INSERT INTO tenant (tenant_id, name) VALUES ('acme', 'Acme');
     INSERT INTO wallet (tenant_id, id, owner, currency) VALUES ('acme', uuidv7(), 'asha', 'INR')`,
  );

  const { rows } = await query(addressOf('owner'), 'SELECT count(*)::integer AS seen FROM wallet');
  expect(rows).toEqual([{ seen: 0 }]);
  await expect(query(addressOf('process'), 'SELECT FROM wallet')).rejects.toThrow('permission denied');
});

test.each(['api', 'worker', 'clock'])(
  'the process %s of the Procfile gets ready with the login that owns nothing, and ends on SIGTERM',
  async (name) => {
    const [api, ops] = [await freePort(), await freePort()];
    const started = await start(name, {
      DATABASE_URL: addressOf('process'),
      KIST_PORT: String(api),
      KIST_OPS_PORT: String(ops),
      KIST_LOG_LEVEL: 'warn',
    });
    const port = name === 'api' ? api : ops;
    const answer = await until(
      `${name} answers`,
      () => {
        if (started.process.exitCode !== null) throw new Error(`${name} ended: ${started.said()}`);
        return fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => null);
      },
      START_MS_MAX,
    );
    expect(await answer.json()).toMatchObject({ status: 'ok' });

    started.process.kill('SIGTERM');
    expect(await started.exit, started.said()).toBe(0);
  },
  2 * START_MS_MAX,
);

test('a wrong setting is named, and nothing starts', async () => {
  const wrong = await start('worker', { KIST_PROT: '80', KIST_LOG_LEVEL: 'loud' });
  expect(await wrong.exit).toBe(2);
  expect(wrong.said()).toContain('KIST_PROT: no such setting; did you mean KIST_PORT?');
  expect(wrong.said()).toContain('KIST_LOG_LEVEL');
});
