import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { JobRequest } from '../../src/runtime/definition.ts';
import { FAULT_POINTS } from '../../src/runtime/faults.ts';
import { type CarrierUnderTest, carriers } from '../support/carriers.ts';
import { type TestRuntime, testRuntime } from '../support/runtime.ts';
import { startRedis } from '../support/servers.ts';
import { until } from '../support/until.ts';
import { faultKinds, hasty } from './kinds.ts';
import { startProcess, startProvider } from './processes.ts';

/**
 * How long recovery may take with the hasty settings of these tests. With the default ones, in the worst
 * case: a killed worker's jobs come back when their carrier lock (15 s) is over and a neighbour has looked
 * (5 s), so after 20 s; a dispatch that was lost is swept after 20 s plus one sweep interval (5 s, with
 * jitter 6.25 s), so after 26.25 s, and after 52.5 s if the sweeper is killed too between its commit and
 * the carrier; a staged job's lease is over after its timeout (30 s) plus 10 s, and is swept within 6.25 s
 * of that, so after 46.25 s. All below 60 s.
 */
const RECOVERY_MS_MAX = 20_000;
vi.setConfig({ testTimeout: 60_000 });

/** Those that every job passes on its way; followers and the close of day have tests of their own. */
const JOB_POINTS = FAULT_POINTS.filter(
  (point) => !/^(follow|day|payout|debit|check|notification)\./.test(point),
);
const MARKS = 12;
const PAIRS = 4;
const PAYMENTS = 3;
const JOBS = MARKS + 2 * PAIRS + PAYMENTS;

const requestsTo = (provider: string): JobRequest[] => [
  ...names(MARKS, 'mark').map((name) => ({ kind: 'mark.leave', payload: { name } })),
  ...names(PAIRS, 'pair').map((name) => ({ kind: 'pair.leave', payload: { name } })),
  ...names(PAYMENTS, 'payment').map((name) => ({ kind: 'provider.pay', payload: { name, provider } })),
];

describe.each(carriers())('on the $name carrier', ({ name: carrier, missing }) => {
  describe.skipIf(missing)('a process killed at', () => {
    test.each(JOB_POINTS)('%s leaves nothing undone and nothing done twice', async (point) => {
      const { system, provider, redisUrl } = await ownWorld(carrier);
      // A sweep only has something to do where nobody works: a quick machine leaves it nothing.
      const worker = point !== 'sweep.before-commit';
      const orders = { databaseUrl: system.database.url, redisUrl, worker, clock: true };
      const { ended } = startProcess({ ...orders, submit: requestsTo(provider.url) }, point);
      expect(await ended).toMatchObject({ signal: 'SIGKILL' });

      await system.runtime.startWorkers();
      await system.runtime.startClock();
      const states = await until('every job is at rest', () => restingStates(system), RECOVERY_MS_MAX);
      expect(states).toEqual({ done: JOBS });
      const effects = await system.effects();
      expect(effects).toHaveLength(JOBS);
      expect(new Set(effects).size).toBe(JOBS);
      for (const payment of names(PAYMENTS, 'payment')) {
        expect(new Set(provider.calls.get(payment)).size).toBe(1);
      }
    });
  });
});

/** Each point has a database, a carrier and a provider to itself. */
async function ownWorld(carrier: CarrierUnderTest['name']) {
  const redis = carrier === 'redis' ? await startRedis() : null;
  const redisUrl = redis?.url;
  const provider = await startProvider();
  const system = await testRuntime(faultKinds, { redisUrl, ...hasty });
  onTestFinished(async () => {
    await system.close();
    provider.close();
    redis?.process.kill('SIGKILL');
  });
  return { system, provider, redisUrl };
}

/** How many jobs there are in each state; null while one is pending. */
async function restingStates({ database }: TestRuntime): Promise<Record<string, number> | null> {
  const { rows } = await database.superuser('SELECT state, count(*)::int AS jobs FROM job GROUP BY state');
  const states = Object.fromEntries(rows.map(({ state, jobs }) => [state, jobs]));
  return states.pending || rows.length === 0 ? null : states;
}

function names(count: number, name: string): string[] {
  return Array.from({ length: count }, (_, index) => `${name} ${index}`);
}
