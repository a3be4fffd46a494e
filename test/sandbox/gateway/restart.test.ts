import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Gateway } from '../../../src/sandbox/gateway/gateway.ts';
import { type Lender, openLender, openReceiver, START, scratchFile } from './a-gateway.ts';

/** The gateway stops and starts again from its file. */
async function restarted(lender: Lender, file: string): Promise<Lender> {
  const now = lender.gateway.now();
  await lender.stop();
  return openLender({ file, now: () => now });
}

test('a restart finds payouts, their keys, their statement, what is to come and what is scripted', async () => {
  const file = await scratchFile();
  let lender = await openLender({ file });
  lender.gateway.script({ fault: 'processed-reversed', subject: 'loan-1', days: 2 });
  lender.gateway.script({ fault: 'commit-then-reset', subject: 'loan-1' });
  lender.gateway.script({ fault: 'error-500', subject: 'loan-2' });
  await lender.pay('loan-1').catch(() => null);

  lender = await restarted(lender, file);
  const { body } = await lender.pay('loan-1');
  expect(body).toMatchObject({
    status: 'processing',
    reference_id: 'loan-1',
    created_at: START.getTime() / 1_000,
  });
  expect((await lender.pay('loan-1', { amount: 1_000 })).status).toBe(400);
  expect((await lender.pay('loan-2')).status).toBe(500);
  expect(lender.gateway.balance()).toBe(999_999_949_410);

  await lender.pass({ hours: 1 });
  lender = await restarted(lender, file);
  await lender.pass({ days: 2 });
  expect(lender.gateway.paidOut()).toMatchObject([
    { reference_id: 'loan-1', status: 'reversed', returned: true },
  ]);
  expect(lender.gateway.balance()).toBe(999_999_999_410);
});

test('an event that was not delivered before the restart comes after it', async () => {
  const file = await scratchFile();
  const receiver = await openReceiver();
  const webhook = { url: receiver.url, secret: 'whisper' };
  let lender = await openLender({ file });
  lender.gateway.setWebhook(webhook);
  await lender.pay('loan-1');
  expect(receiver.received).toEqual([]);

  lender = await restarted(lender, file);
  lender.gateway.setWebhook(webhook);
  await lender.gateway.tick();
  expect(receiver.events()).toContain('payout.initiated');
});

test('a clock that was moved ahead is not turned back', async () => {
  const file = await scratchFile();
  const before = new Gateway({ file });
  await before.advanceTo(new Date(Date.now() + 3_600_000));
  before.stop();
  const after = new Gateway({ file });
  onTestFinished(() => after.stop());
  expect(after.now().getTime()).toBeGreaterThan(Date.now() + 3_500_000);
});

test('what waits for money still waits after the restart', async () => {
  const file = await scratchFile();
  let lender = await openLender({ file });
  await lender.pay('loan-1', { amount: 2_000_000_000_000, queue_if_low_balance: true });
  lender = await restarted(lender, file);
  lender.gateway.deposit(2_000_000_000_000);
  await lender.pass({ seconds: 10 });
  expect(lender.gateway.paidOut()[0]!.status).toBe('processed');
});

test('a line that a crash cut off is left out; a file of somebody else is refused', async () => {
  const file = await scratchFile();
  let lender = await openLender({ file });
  await lender.pay('loan-1');
  await appendFile(file, '[["payout",{"id":"po');
  lender = await restarted(lender, file);
  expect((await lender.pay('loan-1')).body.reference_id).toBe('loan-1');
  await lender.stop();

  await writeFile(file, 'a,b\n1,2\n');
  expect(() => new Gateway({ file })).toThrow(`${file}:1 is not a line of a sandbox.`);
});

test('a file that has become long is written anew when it is opened', async () => {
  const file = await scratchFile();
  let lender = await openLender({ file });
  for (let hour = 0; hour < 3; hour += 1) await lender.pay(`loan-${hour}`);
  await lender.pass({ days: 1 });
  const record = (await readFile(file, 'utf8')).split('\n').findLast((line) => line.includes('"payout"'))!;
  await appendFile(file, `${record}\n`.repeat(200));
  lender = await restarted(lender, file);
  expect((await readFile(file, 'utf8')).split('\n').length).toBeLessThan(100);
  expect(lender.gateway.paidOut()).toHaveLength(3);
});
