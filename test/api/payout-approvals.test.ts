import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { SteppedClock } from '../../src/calendar/clock.ts';
import { NOON } from '../ledger/books.ts';
import { addAccount, addBorrower, stubGateway } from '../payments/stub-gateway.ts';
import { until } from '../support/until.ts';
import { testApi } from './support.ts';

const gateway = stubGateway();
const api = await testApi({
  ...{ services: gateway.services, clock: new SteppedClock(NOON), workers: ['wallets', 'payouts'] },
});
afterAll(() => api.close());
beforeEach(() => Object.assign(gateway, { answers: 'processing', cancels: true, open: true }));

async function as(who: keyof typeof api.tokens, method: 'GET' | 'POST' | 'PUT', url: string, body?: unknown) {
  const answer = await api.send(method, url, body, { authorization: api.tokens[who] });
  return { status: answer.statusCode, ...(answer.body === '' ? {} : answer.json()) };
}
const get = (url: string) => as('all', 'GET', url);
const balanceOf = async (wallet: string) => (await get(`/v1/wallets/${wallet}`)).balance;
const propose = (action: string, request: object) => as('all', 'POST', '/v1/approvals', { action, request });
const approve = ({ links, hash }: { links: { approve: string }; hash: string }) =>
  as('approver', 'POST', links.approve, { hash });

const agree = async (set: object) => approve(await propose('policy.change', { set }));

async function ask(wallet: string, amount: string) {
  const wish = { amount, currency: 'INR', reference: uuidv7() };
  return as('all', 'POST', `/v1/wallets/${wallet}/payouts`, wish);
}

/** A payout of 400 from a wallet of 1,000 that has come to stand in the state. */
async function payout(state: string) {
  const { wallet, bank_account } = await addBorrower(api.database, '1000.00');
  expect((await ask(wallet, '400.00')).status).toBe(202);
  return { wallet, bank_account, ...(await stands(wallet, state)) };
}

const stands = (wallet: string, state: string): Promise<{ id: string; attempt: number }> =>
  until(`the payout is ${state}`, async () => {
    const [newest] = (await get(`/v1/payouts?wallet=${wallet}`)).payouts;
    return newest?.state === state ? newest : undefined;
  });

const held = (id: string) =>
  until('its job is held', async () => {
    const { jobs } = await get(`/v1/jobs?kind=payments.payout&key=${id}`);
    return jobs[0]?.state === 'held' ? jobs[0] : undefined;
  });

/** Money in flight, and money whose fate nobody knows. */
async function lying(): Promise<Record<string, string>> {
  const { rows } = await api.database.superuser(
    `SELECT code, balance FROM account WHERE tenant_id = 'acme' AND code IN ('payout-clearing', 'suspense', 'bank')`,
  );
  return Object.fromEntries(rows.map(({ code, balance }) => [code, balance]));
}

test('two people settle as paid what nobody could tell of: suspense is empty, and the held job is done', async () => {
  gateway.answers = 'no-answer';
  const { id, wallet } = await payout('suspense');
  const job = await held(id);
  const wish = {
    payout: id,
    as: 'succeeded',
    utr: 'HDFC0000777',
    why: 'The bank’s statement of the day has it.',
  };
  const proposal = await propose('payout.settle', wish);
  expect(proposal).toMatchObject({ status: 202, state: 'proposed', amount: '400.00' });
  expect(await as('all', 'POST', proposal.links.approve, { hash: proposal.hash })).toMatchObject({
    code: 'own-request',
  });
  expect((await get(`/v1/payouts/${id}`)).state).toBe('suspense');

  expect(await approve(proposal)).toMatchObject({ status: 200, state: 'applied' });
  const settled = await get(`/v1/payouts/${id}`);
  expect(settled).toMatchObject({ state: 'succeeded', utr: 'HDFC0000777' });
  expect(settled.moves.at(-1)).toMatchObject({
    ...{ from: 'suspense', to: 'succeeded', evidence: 'person', journal: /./ },
    detail: { approval: proposal.id },
  });
  expect(settled.exceptions).toMatchObject([{ resolved_by: /./ }]);
  expect(await get(`/v1/jobs/${job.id}`)).toMatchObject({ state: 'done' });
  expect(await balanceOf(wallet)).toBe('600.00');
  expect(await lying()).toMatchObject({ suspense: /^0(\.00)?$/ });
});

test('settled as unpaid, it is back in the wallet, and may be paid again to another account by two people', async () => {
  gateway.answers = 'no-answer';
  const { id, wallet, bank_account } = await payout('suspense');
  await held(id);
  const early = await propose('payout.pay-again', { payout: id, why: 'The borrower calls.' });
  expect(early).toMatchObject({ code: 'action-refused', detail: expect.stringContaining('suspense') });
  await approve(await propose('payout.settle', { payout: id, as: 'failed', why: 'No bank has it.' }));
  expect(await balanceOf(wallet)).toBe('1000.00');

  gateway.answers = 'succeeded';
  const other = await addAccount(api.database, wallet, '50100099998888');
  const again = await propose('payout.pay-again', { payout: id, bank_account: other, why: 'A new account.' });
  expect(again.description).toContain('XXXX8888');
  expect(await approve(again)).toMatchObject({ state: 'applied', result: { attempt: 2 } });
  const next = await stands(wallet, 'succeeded');
  expect(next.attempt).toBe(2);
  expect(await get(`/v1/payouts/${next.id}`)).toMatchObject({ bank_account: other, instruction: id });
  expect(await get(`/v1/payouts/${id}`)).toMatchObject({ bank_account, state: 'failed' });
  expect(await balanceOf(wallet)).toBe('600.00');
  expect(await propose('payout.pay-again', { payout: id, why: 'Twice.' })).toMatchObject({
    code: 'action-refused',
    detail: expect.stringContaining('tried-again'),
  });
});

test('what was agreed to comes too late where the gateway has said meanwhile what became of it', async () => {
  gateway.answers = 'no-answer';
  const { id } = await payout('suspense');
  const first = await propose('payout.settle', { payout: id, as: 'failed', why: 'Nothing came.' });
  const second = await propose('payout.settle', { payout: id, as: 'succeeded', why: 'It came after all.' });
  expect(await approve(second)).toMatchObject({ state: 'applied' });
  expect(await approve(first)).toMatchObject({ state: 'refused', result: { code: 'illegal-transition' } });
  expect((await get(`/v1/payouts/${id}`)).state).toBe('succeeded');
});

test('above the tenant’s limit a payout waits for another person, and goes to no account that was not agreed to', async () => {
  const { wallet } = await addBorrower(api.database, '1000.00');
  await agree({ payout_approval_above: '100.00' });
  try {
    const little = await get(`/v1/jobs/${(await ask(wallet, '100.00')).id}?wait=20s`);
    expect(little.result).toMatchObject({ outcome: 'begun' });
    const { id } = await ask(wallet, '100.01');
    const { result } = await get(`/v1/jobs/${id}?wait=20s`);
    expect(result).toMatchObject({ outcome: 'refused', code: 'approval-required' });
    expect(await balanceOf(wallet)).toBe('900.00');

    const proposal = await get(`/v1/approvals/${result.approval}`);
    expect(await approve(proposal)).toMatchObject({ state: 'applied' });
    expect(await balanceOf(wallet)).toBe('799.99');

    const other = await get(`/v1/jobs/${(await ask(wallet, '100.02')).id}?wait=20s`);
    await addAccount(api.database, wallet, '50100011112222');
    expect(await approve(await get(`/v1/approvals/${other.result.approval}`))).toMatchObject({
      ...{ state: 'refused', result: { code: 'proposal-outdated' } },
    });
    expect(await balanceOf(wallet)).toBe('799.99');
  } finally {
    await agree({ payout_approval_above: null });
  }
});

test('an exception is closed by two people, but not while money lies in suspense for it', async () => {
  gateway.answers = 'no-answer';
  const { id } = await payout('suspense');
  const { exceptions } = await get(`/v1/payment-exceptions?state=open&subject=${id}`);
  const refused = await propose('payment-exception.resolve', {
    exception: exceptions[0].id,
    why: 'Tired of it.',
  });
  expect(refused).toMatchObject({
    code: 'illegal-transition',
    detail: expect.stringContaining('in suspense'),
  });

  const raised = uuidv7();
  await api.database.superuser(
    `INSERT INTO payment_exception (tenant_id, id, kind, subject, code, message, raised_at, business_date)
     VALUES ('acme', $1, 'payout', $2, 'illegal-move', 'The gateway says what cannot be.', now(), '2026-11-20')`,
    [raised, id],
  );
  const proposal = await propose('payment-exception.resolve', {
    exception: raised,
    why: 'The gateway took it back.',
  });
  expect(await approve(proposal)).toMatchObject({ state: 'applied' });
  const closed = (await get(`/v1/payment-exceptions?subject=${id}`)).exceptions.find(
    (each: { id: string }) => each.id === raised,
  );
  expect(closed).toMatchObject({ resolution: 'The gateway took it back.', age_days: null });
});
