/**
 * A worker that pays, for tests that kill it. Its orders are in KIST_TEST_ORDERS (JSON); a fault point in
 * KIST_TEST_FAULT.
 */
import { SteppedClock } from '../../../src/calendar/clock.ts';
import { LookDuty } from '../../../src/payments/look-duty.ts';
import { type Settlement, settleSuspense } from '../../../src/payments/payouts/settle-suspense.ts';
import { Registry } from '../../../src/runtime/registry.ts';
import { createRuntime } from '../../../src/runtime/runtime.ts';
import { quiet } from '../../support/runtime.ts';
import { PAYOUT_JOBS, payingServices } from '../paying.ts';
import { CRASHING, CRASHING_JOBS } from './crash-settings.ts';

export interface PayerOrders {
  databaseUrl: string;
  redisUrl?: string | undefined;
  gateway_url: string;
  /** The instant at which its clock stands. */
  now: string;
  /** What it works at. */
  queues: string[];
  /** What people have found out. */
  settle?: Settlement;
}

const orders: PayerOrders = JSON.parse(process.env.KIST_TEST_ORDERS!);
const { databaseUrl, redisUrl, settle } = orders;
const clock = new SteppedClock(new Date(orders.now));
const runtime = await createRuntime({
  ...{ databaseUrl, redisUrl, log: quiet, clock, ...CRASHING },
  registry: new Registry([...PAYOUT_JOBS, ...CRASHING_JOBS]),
  services: payingServices(orders.gateway_url),
  duties: [(opened) => new LookDuty(opened, clock, quiet)],
});
if (settle) {
  await runtime.transact('acme', 'operator:asha', (tx, accept) =>
    settleSuspense(
      tx,
      {
        ...{ tenant: 'acme', clock, evidence: 'person', detail: {} },
        accept: async (requests) => void (await accept(requests)),
      },
      settle,
    ),
  );
}
await runtime.startWorkers(orders.queues);
await runtime.startClock();
process.stdout.write('ready\n');
