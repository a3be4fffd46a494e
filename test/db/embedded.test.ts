import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { openEmbedded } from '../../src/db/embedded.ts';

test.runIf(process.getuid?.() === 0)(
  'root may keep the data in a folder that is closed to others',
  async () => {
    const home = await mkdtemp(path.join(tmpdir(), 'kist-closed-'));
    const folder = path.join(home, 'project/.kist');
    await mkdir(folder, { recursive: true });
    const database = await openEmbedded(folder, ['-c fsync=off']);
    onTestFinished(async () => {
      await database.stop();
      await rm(await realpath(path.join(folder, 'postgres')), { recursive: true });
      await rm(home, { recursive: true });
    });

    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query('SELECT current_database() AS name');
    await client.end();

    expect(rows).toEqual([{ name: 'kist' }]);
    const joined = await openEmbedded(folder);
    expect(joined.url, 'a second process joins the server that runs').toBe(database.url);
  },
);
