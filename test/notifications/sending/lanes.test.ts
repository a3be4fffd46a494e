import { sql } from 'slonik';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { inTenant } from '../../../src/db/transaction.ts';
import { holdLane, laneHolds, NO_PROVIDER, openLane } from '../../../src/notifications/lanes.ts';
import { setProviderAccount, turnProviderAccount } from '../../../src/notifications/providers/accounts.ts';
import type { Provider } from '../../../src/notifications/providers/provider.ts';
import { createProviders } from '../../../src/notifications/providers/providers.ts';
import { keyRingOf } from '../../../src/secrets/key-ring.ts';
import { createSecretBox } from '../../../src/secrets/secret-box.ts';
import { NOON } from '../../ledger/books.ts';
import { testDatabase } from '../../support/database.ts';

const database = await testDatabase(['acme']);
afterAll(() => database.close());
const run = <T>(work: Parameters<typeof inTenant<T>>[2]) => inTenant(database.app, 'acme', work);
await database.superuser(
  `INSERT INTO event_listener (tenant_id, name, kind, event_types)
   VALUES ('acme', 'test', 'notification.notice', '{notification.*}')`,
);

const eventRow = z.object({ type: z.string(), subject: z.string(), data: z.unknown() });
const told = () =>
  run((tx) => tx.any(sql.type(eventRow)`SELECT type, subject, data FROM event ORDER BY subject, seq`));
const isHeld = async () => (await run(laneHolds)).length > 0;

const asha = { tenant: 'acme', channel: 'email', by: 'operator:asha', at: NOON } as const;
function hold(code: string) {
  onTestFinished(async () => void (await run((tx) => openLane(tx, asha))));
  const why = { channel: 'email', code, message: code, held_by: 'job:7', held_at: NOON } as const;
  return run((tx) => holdLane(tx, 'acme', why));
}

const provider = createProviders().email.get('brevo') as Provider;
const box = createSecretBox(keyRingOf(Buffer.alloc(32, 7).toString('base64'), 'test'));
const wish = {
  tenant: 'acme',
  channel: 'email',
  provider: 'brevo',
  actor: 'operator:asha',
  now: NOON,
} as const;
const credentials = { api_key: 'sesame', sender: { email: 'post@acme.example' } };
const setAccount = () => run((tx) => setProviderAccount(tx, box, wish, provider, { credentials }));

test('a tenant’s people are told once when a lane is held, and when it is opened', async () => {
  expect(await hold('brevo-unauthorized')).toBe(true);
  expect(await hold('asked')).toBe(false);
  expect(await run((tx) => openLane(tx, asha))).toBe(true);
  expect(await run((tx) => openLane(tx, asha))).toBe(false);

  const events = await told();
  const data = { channel: 'email', code: 'brevo-unauthorized' };
  expect(events).toMatchObject([
    { type: 'notification.lane-held', data: { ...data, by: 'job:7' } },
    { type: 'notification.lane-opened', data: { ...data, by: 'operator:asha' } },
  ]);
  expect(new Set(events.map(({ subject }) => subject)).size).toBe(1);
});

test.each([NO_PROVIDER, 'brevo-unauthorized'])(
  'an account opens a lane that is held for %s',
  async (code) => {
    await hold(code);
    await setAccount();
    expect(await isHeld()).toBe(false);
    expect((await told()).at(-1)).toMatchObject({ type: 'notification.lane-opened', data: { code } });
  },
);

test('an account does not open a lane that somebody held', async () => {
  await hold('asked');
  await setAccount();
  expect(await isHeld()).toBe(true);
});

test('a disabled account opens nothing until it is enabled', async () => {
  await setAccount();
  await run((tx) => turnProviderAccount(tx, wish, 'disabled'));
  await hold(NO_PROVIDER);
  await setAccount();
  expect(await isHeld()).toBe(true);
  await run((tx) => turnProviderAccount(tx, wish, 'enabled'));
  expect(await isHeld()).toBe(false);
});
