/**
 * A worker that sends messages, for tests that kill it. Its orders are in KIST_TEST_ORDERS (JSON); a fault point in
 * KIST_TEST_FAULT.
 */
import { SteppedClock } from '../../../src/calendar/clock.ts';
import { Registry } from '../../../src/runtime/registry.ts';
import { createRuntime } from '../../../src/runtime/runtime.ts';
import { keyRingIn } from '../../../src/secrets/key-ring.ts';
import { createSecretBox } from '../../../src/secrets/secret-box.ts';
import { quiet } from '../../support/runtime.ts';
import { NOTIFICATION_JOBS, sendingServices } from '../notifying.ts';
import { CRASHING } from './crash-settings.ts';

export interface SenderOrders {
  databaseUrl: string;
  redisUrl?: string | undefined;
  providers_url: string;
  key_file: string;
  /** The instant at which its clock stands. */
  now: string;
}

const orders: SenderOrders = JSON.parse(process.env.KIST_TEST_ORDERS!);
const { databaseUrl, redisUrl, providers_url, key_file, now } = orders;
const box = createSecretBox(await keyRingIn(key_file));
const runtime = await createRuntime({
  ...{ databaseUrl, redisUrl, log: quiet, clock: new SteppedClock(new Date(now)), ...CRASHING },
  registry: new Registry(NOTIFICATION_JOBS),
  services: sendingServices(providers_url, box),
});
await runtime.startWorkers();
await runtime.startClock();
process.stdout.write('ready\n');
