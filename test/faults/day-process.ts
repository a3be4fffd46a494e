/**
 * A worker that closes days, for tests that kill it. Its orders are in KIST_TEST_ORDERS (JSON); a fault
 * point in KIST_TEST_FAULT.
 */
import { SteppedClock } from '../../src/calendar/clock.ts';
import { openSealer } from '../../src/ledger/sealer.ts';
import type { Services } from '../../src/runtime/definition.ts';
import { loadJobs } from '../../src/runtime/registry.ts';
import { createRuntime } from '../../src/runtime/runtime.ts';
import { JOBS_FOLDER } from '../../src/system.ts';
import { quiet } from '../support/runtime.ts';
import { hasty } from './kinds.ts';

export interface DayOrders {
  databaseUrl: string;
  redisUrl?: string | undefined;
  /** The instant at which its clock stands, and the file of the key that seals are signed with. */
  now: string;
  seal_key: string;
}

const { databaseUrl, redisUrl, now, seal_key }: DayOrders = JSON.parse(process.env.KIST_TEST_ORDERS!);
const runtime = await createRuntime({
  ...{ databaseUrl, redisUrl, registry: await loadJobs(JOBS_FOLDER), log: quiet, ...hasty },
  clock: new SteppedClock(new Date(now)),
  services: { sealer: await openSealer(seal_key) } as Services,
});
await runtime.startWorkers();
await runtime.startClock();
process.stdout.write('ready\n');
