import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openEmbedded } from '../../src/db/embedded.ts';
import { MANY_COMMANDS_MS, terminalOn } from './terminal.ts';

vi.setConfig({ testTimeout: MANY_COMMANDS_MS });

test('without DATABASE_URL the embedded Postgres is started for the command, or joined where it runs', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'kist-embedded-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { kist, answer } = terminalOn('', { KIST_DATA: folder });

  const early = await kist('tenant', 'list');
  expect(early.status).toBe(3);
  expect(early.stderr).toContain('not-migrated: ');
  expect(await answer('migrate')).toMatchObject({ applied: expect.arrayContaining(['0001_foundations']) });
  expect(await answer('migrate')).toEqual({ applied: [] });

  const server = await openEmbedded(folder);
  try {
    await answer('tenant', 'add', 'acme', '--name', 'Acme Finance');
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    const { rows } = await client.query('SELECT name FROM tenant WHERE tenant_id = $1', ['acme']);
    await client.end();
    expect(rows, 'the command left the server running that it had joined').toEqual([
      { name: 'Acme Finance' },
    ]);
  } finally {
    await server.stop();
  }
  expect((await kist('--json', 'tenant', 'list')).stdout).toContain('"tenant":"acme"');
});
