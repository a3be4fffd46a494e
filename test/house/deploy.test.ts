import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { openEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { Registry } from '../../src/runtime/registry.ts';
import { createRuntime } from '../../src/runtime/runtime.ts';
import { defineAtomic, namePayload, quiet } from '../support/runtime.ts';

const LOGINS = path.resolve(import.meta.dirname, '../../deploy/logins.sql');

/** What psql would send: its own commands carried out, its variables put in. */
async function loginsAsPsqlSendsThem(): Promise<string> {
  const text = await readFile(LOGINS, 'utf8');
  return text.replaceAll(/^\\getenv.*$/gm, '').replaceAll(/:'(\w+)'/g, "'$1'");
}

const greet = defineAtomic({
  kind: 'test.greet',
  queue: 'tests',
  summary: 'Greets.',
  payload: namePayload,
  result: namePayload,
  key: ({ name }) => name,
  run: async (_tx, jobs) => jobs.map((job) => job.payload),
});

test('the logins of an installation are enough: one migrates, the other accepts and runs jobs', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'kist-logins-'));
  const server = await openEmbedded(folder, ['-c fsync=off']);
  onTestFinished(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });
  const superuser = new pg.Client({ connectionString: server.url });
  await superuser.connect();
  onTestFinished(() => superuser.end());
  await superuser.query(await loginsAsPsqlSendsThem());
  const as = (login: string): string => {
    const url = new URL(server.url);
    url.username = `kist_${login}`;
    url.password = `${login}_password`;
    return url.toString();
  };

  expect(await migrate(as('owner'))).not.toEqual([]);
  await superuser.query(`INSERT INTO tenant (tenant_id, name) VALUES ('acme', 'Acme')`);
  const runtime = await createRuntime({
    databaseUrl: as('process'),
    registry: new Registry([greet]),
    log: quiet,
  });
  onTestFinished(() => runtime.stop(2_000));
  await runtime.startWorkers();
  await runtime.startClock();
  const [accepted] = await runtime.submit('acme', 'service:test', [
    { kind: 'test.greet', payload: { name: 'Asha' } },
  ]);
  if (accepted?.status !== 'accepted') throw new Error('The job was not accepted.');

  expect(await runtime.waitForRest('acme', accepted.job.id, 20_000)).toMatchObject({
    state: 'done',
    result: { name: 'Asha' },
  });
  const owner = new pg.Client({ connectionString: as('owner') });
  await owner.connect();
  const { rows } = await owner.query('SELECT count(*)::integer AS seen FROM job');
  await owner.end();
  expect(rows, 'even the owner sees no tenant’s rows').toEqual([{ seen: 0 }]);
});
