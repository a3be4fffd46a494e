/**
 * A process that tests kill. Its orders are in KIST_TEST_ORDERS (JSON); a fault point in KIST_TEST_FAULT.
 * It writes a line `ready` once it has done what it was ordered to start, and stops on SIGTERM.
 */
import type { JobRequest } from '../../src/runtime/definition.ts';
import { createRuntime } from '../../src/runtime/runtime.ts';
import { quiet } from '../support/runtime.ts';
import { faultRegistry, hasty } from './kinds.ts';

export interface Orders {
  databaseUrl: string;
  redisUrl?: string | undefined;
  submit?: JobRequest[];
  worker?: boolean;
  clock?: boolean;
}

const orders: Orders = JSON.parse(process.env.KIST_TEST_ORDERS!);
const { databaseUrl, redisUrl } = orders;
const runtime = await createRuntime({ databaseUrl, redisUrl, registry: faultRegistry, log: quiet, ...hasty });
process.on('SIGTERM', () => void runtime.stop(2_000).then(() => process.exit(0)));
if (orders.submit) await runtime.submit('acme', 'service:doomed', orders.submit);
if (orders.worker) await runtime.startWorkers();
if (orders.clock) await runtime.startClock();
process.stdout.write('ready\n');
