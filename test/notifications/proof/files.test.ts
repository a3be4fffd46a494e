import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import notice from '../../../jobs/notification.notice.ts';
import { sendStatement } from '../../../src/notifications/notices/statement.ts';
import { checkProof } from '../../../src/notifications/proof/bundle.ts';
import { LEFT_ALONE } from '../../../src/notifications/sending/rows.ts';
import type { JobDefinition } from '../../../src/runtime/definition.ts';
import { until } from '../../support/until.ts';
import { openTelling } from '../notices/borrowers.ts';
import { openNotifying } from '../notifying.ts';
import { arrived, mailStatement, proofOf, triesOf } from './files.ts';

vi.setConfig({ testTimeout: 60_000 });

const world = await openNotifying({
  jobs: [notice] as unknown as JobDefinition[],
  mails: ['brevo', 'smtp'],
});
afterAll(() => world.close());
const lender = await openTelling(world.system.database, world.clock);
beforeAll(() => lender.switchOn(['email']));

test('a proof names the very file that the borrower got; another in its place shows', async () => {
  const { loan } = await lender.lend({ email: 'kept@example.in' });
  const asked = { tenant: 'acme', now: world.clock.now() };
  const job = await world.system.runtime.transact('acme', 'service:test', (tx, accept) =>
    sendStatement(tx, accept, asked, { loan }),
  );
  const told = await world.system.rested(job);
  const [message] = (told.result as { messages: { notification: string }[] }).messages;
  await world.rested(message!.notification);

  const [kept, ...others] = arrived(world, 'kept@example.in');
  expect([kept!.name, others]).toEqual([`statement-${loan}.pdf`, []]);
  const proof = await proofOf(world, message!.notification);
  expect(triesOf(proof)).toMatchObject([{ outcome: 'sent', files: [kept] }]);
  expect(checkProof(proof).ok).toBe(true);

  triesOf(proof)[0]!.files[0]!.sha256 = createHash('sha256').update('another statement').digest('hex');
  expect(checkProof(proof).finding).toContain('Part 3 (attempt)');
});

test('made anew while the books stand still, the statement is the same file to the byte', async () => {
  const to = 'again@example.in';
  const { loan } = await lender.lend({ email: to });
  // Both providers are away, then the first one is back.
  world.notices.script(
    { subject: to, fault: 'rate-limited', call: 'brevo.send' },
    { subject: to, fault: 'smtp-450' },
  );
  const id = await mailStatement(world, loan, to);
  await world.rested(id);
  const [kept] = arrived(world, to);
  expect(triesOf(await proofOf(world, id))).toMatchObject([
    { provider: 'brevo', outcome: 'again', files: [kept] },
    { provider: 'smtp', outcome: 'again', files: [kept] },
    { provider: 'brevo', outcome: 'sent', files: [kept] },
  ]);
});

test('where the file cannot be made, nobody was asked: the try ends with why, and names no file', async () => {
  const nowhere = '01997f3c-0000-7000-8000-000000000001';
  const id = await mailStatement(world, nowhere, 'nobody@example.in');
  const [story] = await world.rested(id);
  expect([story!.state, story!.job.state, story!.job.code]).toEqual(['failed', 'dead', 'unknown-loan']);
  expect(story!.attempts).toMatchObject([{ outcome: 'rejected', code: 'unknown-loan', files: [] }]);
});

test('with a try at which nobody was asked, nothing went', async () => {
  const { notices, notify } = world;
  const to = 'second@example.in';
  const { loan } = await lender.lend({ email: to });
  notices.script({
    subject: notices.account().id,
    fault: 'rate-limited',
    call: 'brevo.send',
    times: 1_000,
  });
  // Ten failures in a row, and it is left alone for a while.
  const content = { email: { subject: 'Due soon', text: 'Your instalment is due on Friday.' } };
  const people = Array.from({ length: 10 }, (_, index) => `person-${index}@example.in`);
  await Promise.all(people.map((email) => notify({ type: 'EMAIL', recipient: { email }, content })));
  const attempts = await until('Brevo is left alone', async () => {
    const [story] = await world.rested(await mailStatement(world, loan, to));
    return story!.attempts[0]!.code === LEFT_ALONE ? story!.attempts : null;
  });
  const [kept] = arrived(world, to);
  expect(attempts).toMatchObject([
    { provider: 'brevo', files: [] },
    { provider: 'smtp', outcome: 'sent', files: [kept] },
  ]);
});
