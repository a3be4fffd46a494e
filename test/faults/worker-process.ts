/**
 * A process that tests kill. Its orders are in KIST_TEST_ORDERS (JSON); a fault point in KIST_TEST_FAULT.
 * It writes a line `ready` once it has done what it was ordered to start, and stops on SIGTERM.
 */
import { FOLLOWERS } from '../../src/followers.ts';
import { FollowerDuty } from '../../src/following/duty.ts';
import type { JobRequest } from '../../src/runtime/definition.ts';
import type { OpenDuty } from '../../src/runtime/duties.ts';
import { createRuntime } from '../../src/runtime/runtime.ts';
import { quiet } from '../support/runtime.ts';
import { faultRegistry, hasty } from './kinds.ts';

export interface Orders {
  databaseUrl: string;
  redisUrl?: string | undefined;
  submit?: JobRequest[];
  worker?: boolean;
  clock?: boolean;
  /** Follows the books besides. */
  follow?: boolean;
}

let stop = async (): Promise<void> => {};
// Told to stop while it starts, it stops as well.
process.on('SIGTERM', () => void stop().then(() => process.exit(0)));
const orders: Orders = JSON.parse(process.env.KIST_TEST_ORDERS!);
const { databaseUrl, redisUrl } = orders;
const follower: OpenDuty = ({ pool, carrierPool }) =>
  new FollowerDuty({ pool, carrierPool, followers: FOLLOWERS, log: quiet });
const duties = orders.follow ? [follower] : [];
const runtime = await createRuntime({
  ...{ databaseUrl, redisUrl, registry: faultRegistry, log: quiet, duties },
  ...hasty,
});
stop = () => runtime.stop(2_000);
if (orders.submit) await runtime.submit('acme', 'service:doomed', orders.submit);
if (orders.worker) await runtime.startWorkers();
if (orders.clock) await runtime.startClock();
process.stdout.write('ready\n');
