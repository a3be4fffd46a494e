import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startProgram } from '../../faults/processes.ts';
import { openNotifying } from '../notifying.ts';
import { CRASHING } from '../sending/crash-settings.ts';
import type { SenderOrders } from '../sending/sender-process.ts';

vi.setConfig({ testTimeout: 60_000 });

const PROGRAM = path.resolve(import.meta.dirname, '../sending/sender-process.ts');
const EMAIL = 'asha@example.com';
const HOUR_MS = 3_600_000;

test('a worker that gathers reminders, killed before it asks the provider: one mail has all of them', async () => {
  const world = await openNotifying({ idle: true, runtime: CRASHING });
  onTestFinished(() => world.close());
  const { system, notices, clock, key_file } = world;
  await world.setPolicy('email', { contact_window: null, digest: { minutes: 60 } });
  const ids: string[] = [];
  for (const text of ['EMI 1 is due.', 'EMI 2 is due.', 'EMI 3 is due.']) {
    const content = { email: { subject: text, text } };
    const wish = { type: 'EMAIL', category: 'reminder', recipient: { email: EMAIL }, content } as const;
    ids.push(await world.accept(wish));
  }
  const since = new Date(clock.now().getTime() - HOUR_MS);
  await system.database.superuser(
    `INSERT INTO notification_gathering (tenant_id, job_id, since) SELECT tenant_id, id, $1 FROM job WHERE key = $2`,
    [since, ids[0]],
  );
  const orders: SenderOrders = {
    ...{ databaseUrl: system.database.url, providers_url: notices.url, key_file },
    now: clock.now().toISOString(),
  };
  expect(await startProgram(PROGRAM, orders, 'staged.prepared').ended).toMatchObject({ signal: 'SIGKILL' });
  expect(notices.delivered({ to: EMAIL })).toEqual([]);

  await system.runtime.startWorkers();
  await system.runtime.startClock();
  const stories = [];
  for (const id of ids) stories.push((await world.rested(id))[0]!);
  expect(stories.map(({ state, job }) => job.code ?? state)).toEqual(['sent', 'merged', 'merged']);
  const mails = notices.delivered({ to: EMAIL }).map((notice) => notice as unknown as { subject: string });
  expect(mails.map(({ subject }) => subject)).toEqual(['3 reminders from acme']);
});
