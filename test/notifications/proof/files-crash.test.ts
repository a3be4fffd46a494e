import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import repay from '../../../jobs/loan.repay.ts';
import { startProgram } from '../../faults/processes.ts';
import { openTelling } from '../notices/borrowers.ts';
import { openNotifying } from '../notifying.ts';
import { CRASHING } from '../sending/crash-settings.ts';
import type { SenderOrders } from '../sending/sender-process.ts';
import { arrived, mailStatement, proofOf, triesOf } from './files.ts';

vi.setConfig({ testTimeout: 60_000 });

const PROGRAM = path.resolve(import.meta.dirname, '../sending/sender-process.ts');
const world = await openNotifying({ idle: true, runtime: CRASHING });
afterAll(() => world.close());
const { system, notices, key_file, clock } = world;

test('a worker is killed after the mail went out, and the loan is paid before the next try: the proof names both files', async () => {
  const lender = await openTelling(system.database, clock);
  const { loan } = await lender.lend({ email: 'asha@example.in' });
  const id = await mailStatement(world, loan, 'asha@example.in');
  const orders: SenderOrders = {
    ...{ databaseUrl: system.database.url, providers_url: notices.url, key_file },
    now: clock.now().toISOString(),
  };
  const { ended } = startProgram(PROGRAM, orders, 'notification.sent');
  expect(await ended).toMatchObject({ signal: 'SIGKILL' });
  const [kept] = arrived(world, 'asha@example.in');
  expect(triesOf(await proofOf(world, id))).toMatchObject([{ outcome: null, files: [kept] }]);

  const [first] = (await lender.schedule(loan))!;
  await lender.work(repay, [
    { loan, amount: first!.total, currency: 'INR', reference: 'cash-1', source: 'collection' },
  ]);
  await system.runtime.startWorkers();
  await system.runtime.startClock();
  await world.rested(id);
  const [cut, repeated] = triesOf(await proofOf(world, id));
  expect(cut).toMatchObject({ outcome: 'unknown', files: [kept] });
  expect(repeated!.outcome).toBe('sent');
  expect(repeated!.files[0]!.sha256).not.toBe(kept!.sha256);
  // Brevo knew the key: the borrower has the first one only.
  expect(arrived(world, 'asha@example.in')).toEqual([kept]);
});
