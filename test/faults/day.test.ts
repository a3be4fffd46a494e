import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openSealer } from '../../src/ledger/sealer.ts';
import { verifyBooks } from '../../src/ledger/verify/verify.ts';
import type { FaultPoint } from '../../src/runtime/faults.ts';
import { openClosing } from '../loans/day/closing.ts';
import { carriers } from '../support/carriers.ts';
import { startRedis } from '../support/servers.ts';
import { until } from '../support/until.ts';
import type { DayOrders } from './day-process.ts';
import { hasty } from './kinds.ts';
import { startProgram } from './processes.ts';

vi.setConfig({ testTimeout: 60_000 });

const LOANS = 7;
const CHUNK_LOANS = 2;
const EVENING = '2026-12-21T17:40:00Z';
const DATE = '2026-12-21';
/** On one carrier or the other, in turn: the points are of the day, not of the carrier. */
const POINTS: Record<string, FaultPoint[]> = {
  postgres: ['day.carried', 'commit.after', 'day.before-report'],
  redis: ['day.chunk-done', 'day.before-shut'],
};

describe.each(carriers())('on the $name carrier', ({ name: carrier, missing }) => {
  test.skipIf(missing).each(POINTS[carrier]!)(
    'a worker killed at %s: the day is closed once, and nothing accrues twice',
    async (point) => {
      const redis = carrier === 'redis' ? await startRedis() : null;
      const folder = await mkdtemp(path.join(tmpdir(), 'kist-day-'));
      const seal_key = path.join(folder, 'seal-key.pem');
      const bank = await openClosing({ redisUrl: redis?.url, sealer: await openSealer(seal_key), ...hasty });
      onTestFinished(async () => {
        await bank.close();
        redis?.process.kill('SIGKILL');
        await rm(folder, { recursive: true });
      });
      await bank.lend(Array.from({ length: LOANS }, () => ({ principal: '60000.00', months: 6 })));
      bank.clock.moveTo(new Date(EVENING));
      await bank.accept('day.close', { business_date: DATE, chunk_loans: CHUNK_LOANS });
      const orders: DayOrders = {
        ...{ databaseUrl: bank.database.url, redisUrl: redis?.url, now: EVENING, seal_key },
      };
      expect(await startProgram('day-process.ts', orders, point).ended).toMatchObject({ signal: 'SIGKILL' });

      await bank.runtime.startWorkers();
      await bank.runtime.startClock();
      const { report, chunks } = await bank.closed(DATE);
      expect(chunks).toBe(Math.ceil(LOANS / CHUNK_LOANS));
      expect(report.carried).toMatchObject({ loans: LOANS, done: LOANS, refused: 0, journals: LOANS });
      const { rows } = await bank.database.superuser(
        `SELECT component, count(*)::int AS days, sum(amount)::text AS amount FROM accrual GROUP BY 1 ORDER BY 1`,
      );
      expect(rows).toEqual([
        { component: 'interest', days: LOANS, amount: report.carried.interest },
        { component: 'penal', days: LOANS, amount: report.carried.penal },
      ]);
      expect(await bank.lender.standing('interest-income')).toBe(report.carried.interest);
      await until('every job is at rest', async () => {
        const { rowCount } = await bank.database.superuser(`SELECT FROM job WHERE state = 'pending'`);
        return rowCount === 0;
      });
      const keys = [bank.sealer.public_key];
      expect(await verifyBooks(bank.database.app, 'acme', { keys })).toMatchObject({ ok: true });
    },
  );
});
