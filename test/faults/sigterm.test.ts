import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { SteppedClock } from '../../src/calendar/clock.ts';
import { loadJobs } from '../../src/runtime/registry.ts';
import { JOBS_FOLDER } from '../../src/system.ts';
import { NOON, openBooks } from '../ledger/books.ts';
import { carriers } from '../support/carriers.ts';
import { testRuntime } from '../support/runtime.ts';
import { until } from '../support/until.ts';
import { watch } from './processes.ts';

vi.setConfig({ testTimeout: 60_000 });

const JOBS = 2_000;
const SHUTDOWN_MS = 8_000;
const MAIN = path.resolve(import.meta.dirname, '../../src/main.ts');

describe.each(carriers())('on the $name carrier', ({ redisUrl, missing }) => {
  test.skipIf(missing)(
    '`worker` told to end in the middle of its work exits with 0 and loses nothing',
    async () => {
      const registry = await loadJobs(JOBS_FOLDER);
      const system = await testRuntime([...registry.kinds.values()], {
        redisUrl,
        clock: new SteppedClock(NOON),
      });
      const data = await mkdtemp(path.join(tmpdir(), 'kist-sigterm-'));
      onTestFinished(async () => {
        await system.close();
        await rm(data, { recursive: true, force: true });
      });
      const books = await openBooks(system.database);
      const wallet = await books.wallet('asha');
      for (let start = 0; start < JOBS; start += JOBS / 2) {
        const requests = Array.from({ length: JOBS / 2 }, (_, index) => ({
          kind: 'wallet.deposit',
          payload: { wallet, amount: '1', currency: 'INR', reference: `deposit ${start + index}` },
        }));
        await system.runtime.submit('acme', 'service:test', requests);
      }
      const { PATH, HOME } = process.env;
      const env = {
        ...{
          PATH,
          HOME,
          DATABASE_URL: system.database.url,
          KIST_DATA: data,
          KIST_PORT: '0',
          KIST_OPS_PORT: '0',
        },
        ...{ KIST_SHUTDOWN_MS: String(SHUTDOWN_MS), KIST_LOG_LEVEL: 'silent' },
        ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
      };
      const worker = watch(
        spawn(process.execPath, [MAIN, 'worker'], { env, stdio: ['ignore', 'ignore', 'pipe'] }),
      );
      const done = async (): Promise<number> => {
        const { rows } = await system.database.superuser(
          `SELECT count(*)::int AS n FROM job WHERE state = 'done'`,
        );
        return rows[0].n;
      };
      await until('it has done some', async () => (await done()) > 0);
      const told = performance.now();
      worker.process.kill('SIGTERM');
      expect(await worker.ended).toMatchObject({ code: 0, signal: null });
      expect(performance.now() - told).toBeLessThan(SHUTDOWN_MS + 8_000);

      await system.runtime.startWorkers();
      await system.runtime.startClock();
      await until('all are done', async () => (await done()) === JOBS);
      expect(await books.balance(wallet)).toBe(`${JOBS}.00`);
      const { rows } = await system.database.superuser('SELECT count(*)::int AS attempts FROM job_attempt');
      expect(rows).toEqual([{ attempts: 0 }]);
    },
  );
});
