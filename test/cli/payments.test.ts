import { afterAll, expect, test, vi } from 'vitest';
import { listAudit } from '../../src/identity/audit.ts';
import { addOperator } from '../../src/identity/operators.ts';
import { listExceptions, raiseException, resolveException } from '../../src/payments/exceptions.ts';
import type { PayoutState } from '../../src/payments/states.ts';
import { openDirectly } from '../payments/payouts/direct.ts';
import { MANY_COMMANDS_MS, terminalOn } from './terminal.ts';

vi.setConfig({ testTimeout: MANY_COMMANDS_MS });

const paying = await openDirectly();
afterAll(() => paying.close());
const { books, database } = paying;
const { kist, answer } = terminalOn(database.url);

const MEERA = 'meera@acme.in';
await addOperator(database.app, {
  ...{ tenant: 'acme', email: MEERA, name: 'Meera', role: 'operator' },
  password: 'correct horse battery staple',
});

async function payout(...states: PayoutState[]): Promise<{ id: string; wallet: string }> {
  const borrower = await paying.borrower();
  const id = await books.run(async (tx) => {
    const begun = await paying.begin(tx, borrower);
    await paying.move(tx, begun, ...states);
    return begun;
  });
  return { id, wallet: borrower.wallet };
}

const lost = (subject: string) =>
  books.run((tx) =>
    raiseException(tx, paying.occasion('machine'), {
      ...{ kind: 'payout', subject, code: 'unknown-outcome' },
      message: 'Nobody can say whether it was paid.',
    }),
  );

test('a payout in suspense is found, told whole without account numbers, and how two people settle it', async () => {
  const { id } = await payout('submitting', 'unknown', 'suspense');
  await lost(id);
  expect((await kist('payout', 'list', '--state', 'suspense')).stdout).toMatch(
    new RegExp(`^${id}  suspense +400\\.00  INR +withdrawal +1 `, 'm'),
  );
  const [shown, story] = await Promise.all([
    kist('payout', 'show', id),
    kist('payout', 'show', id, '--json'),
  ]);
  expect(shown.stdout).toMatch(/^to +Asha Rao, XXXX1121, HDFC0000001$/m);
  expect(shown.stdout).toMatch(/ submitting +unknown +machine /);
  expect(shown.stdout).toContain('unknown-outcome');
  expect(shown.stdout).toContain(`kist approval propose payout.settle '{"payout":"${id}","as":"succeeded"`);
  expect(JSON.parse(story.stdout)).toMatchObject({
    ...{ id, state: 'suspense', attempts: [], to: { holder: 'Asha Rao' } },
    moves: [{ from: null, to: 'approved' }, { to: 'submitting' }, { to: 'unknown' }, { to: 'suspense' }],
    exceptions: [{ code: 'unknown-outcome', owner: null, age_days: expect.any(Number) }],
  });
  expect(story.stdout).not.toContain('request_body');
  for (const { stdout } of [shown, story]) expect(stdout).not.toContain('1121431121541121');
});

test('lists come page by page', async () => {
  const { id: older, wallet } = await payout();
  const { id: newer } = await payout();
  const first = await kist('payout', 'list', '--limit', '1');
  expect(first.stdout).toContain(newer);
  expect(first.stderr).toBe(`More: --after ${newer}\n`);
  const { payouts } = await answer('payout', 'list', '--limit', '1', '--after', newer);
  expect(payouts).toMatchObject([{ id: older }]);
  expect(await answer('payout', 'list', '--wallet', wallet)).toMatchObject({ payouts: [{ id: older }] });
});

test('what no gateway has heard of is cancelled at once; of what waits there the gateway is asked', async () => {
  const unsent = await payout();
  const { stdout } = await kist('payout', 'cancel', unsent.id);
  expect(stdout).toBe(`Cancelled; 400.00 INR lie in wallet ${unsent.wallet} again.\n`);
  expect(await books.balance(unsent.wallet)).toBe('1000.00');
  const again = await kist('payout', 'cancel', unsent.id);
  expect(again).toMatchObject({ status: 4, stderr: expect.stringMatching(/^illegal-transition: /) });
  expect(await listAudit(database.app, 'acme', { subject: unsent.id, limit: 5 })).toMatchObject([
    { action: 'cli.payout.cancel', outcome: 'FAILED', error_code: 'illegal-transition' },
    { action: 'cli.payout.cancel', outcome: 'SUCCESS' },
  ]);

  const queued = await payout('submitting', 'queued');
  expect(await answer('payout', 'cancel', queued.id)).toMatchObject({
    payout: { id: queued.id, state: 'queued' },
    job: { kind: 'payments.cancel-payout', state: 'pending' },
  });
});

test('what people must decide has an owner and an age, and only what is open is listed', async () => {
  const { id } = await payout('submitting', 'unknown', 'suspense');
  await lost(id);
  const [exception] = await books.run((tx) => listExceptions(tx, { subject: id, limit: 1 }));
  const about = exception!.id;
  expect(await answer('payment', 'assign', about, MEERA)).toMatchObject({ owner: MEERA });
  expect((await kist('payment', 'exceptions')).stdout).toMatch(
    new RegExp(`^${about} +\\d+  ${MEERA} +payout ${id}  unknown-outcome`, 'm'),
  );
  expect((await kist('payment', 'unassign', about)).stdout).toMatch(/^owner +nobody$/m);
  expect(await listAudit(database.app, 'acme', { subject: about, limit: 5 })).toMatchObject([
    { action: 'cli.payment.assign', arguments: { owner: null } },
    { action: 'cli.payment.assign', arguments: { owner: '[redacted]' } },
  ]);

  const people = { by: 'Meera, Tom', at: new Date(), why: 'paid' };
  await books.run((tx) => resolveException(tx, about, people));
  const [open, all, late] = await Promise.all([
    answer('payment', 'exceptions', '--subject', id),
    answer('payment', 'exceptions', '--subject', id, '--state', 'all'),
    kist('payment', 'assign', about, MEERA),
  ]);
  expect(open.exceptions).toEqual([]);
  expect(all.exceptions).toMatchObject([{ id: about, age_days: null, resolution: 'paid' }]);
  expect(late).toMatchObject({ status: 4, stderr: expect.stringMatching(/^illegal-transition: /) });
});

test('what is not there, and what is no id, is said so', async () => {
  const nobody = '0197a3c0-5a1e-7b57-9d3c-6b6973740001';
  const ended = await Promise.all([
    kist('payout', 'show', nobody),
    kist('payment', 'assign', nobody, MEERA),
    kist('payment', 'assign', nobody, 'Tom'),
    kist('payout', 'show', 'that-one'),
  ]);
  expect(ended.map(({ status }) => status)).toEqual([1, 1, 4, 2]);
});
