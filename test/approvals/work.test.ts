import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import { castVote } from '../../src/approvals/approvals.ts';
import { findApproval } from '../../src/identity/approval-rows.ts';
import { testApi } from '../api/support.ts';

const api = await testApi();
afterAll(() => api.close());
type Person = keyof typeof api.tokens;

async function as(who: Person, method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: unknown) {
  const answer = await api.send(method, url, body, { authorization: api.tokens[who] });
  return { status: answer.statusCode, ...(answer.body === '' ? {} : answer.json()) };
}

const approve = (who: Person, { links, hash }: { links: { approve: string }; hash: string }) =>
  as(who, 'POST', links.approve, { hash });

/** A withdrawal whose attempts are all used up. */
async function deadWithdrawal(amount: string): Promise<string> {
  const payload = { wallet: uuidv7(), amount, currency: 'INR', reference: uuidv7() };
  const { id } = await as('all', 'POST', '/v1/jobs/wallet.withdraw', { payload });
  await api.database.superuser(
    `UPDATE job SET state = 'dead', code = 'bank-closed', message = 'The bank is closed.', attempt = 5,
                    rested_at = now(), sweep_at = NULL WHERE id = $1`,
    [id],
  );
  return `/v1/jobs/${id}`;
}

test('a dead job that moves much is sent back to work by two people, others by one', async () => {
  const [little, much] = [await deadWithdrawal('100000.00'), await deadWithdrawal('100000.01')];
  expect(await as('all', 'POST', `${little}/redrive`)).toMatchObject({ status: 200, state: 'pending' });

  const proposal = await as('all', 'POST', `${much}/redrive`);
  expect(proposal).toMatchObject({
    ...{ status: 202, action: 'job.redrive', state: 'proposed', amount: '100000.01' },
    description: expect.stringMatching(/^Send wallet\.withdraw \S+ back to work: it moves 100000\.01 INR\.$/),
    payload: { kind: 'wallet.withdraw', died_of: { code: 'bank-closed' } },
  });
  expect(await as('all', 'POST', `${much}/redrive`)).toMatchObject({ status: 202, id: proposal.id });
  expect(await approve('all', proposal)).toMatchObject({ code: 'own-request' });
  expect(await as('all', 'GET', much)).toMatchObject({ state: 'dead' });
  expect(await approve('approver', proposal)).toMatchObject({ status: 200, state: 'applied' });
  expect(await as('all', 'GET', much)).toMatchObject({ state: 'pending', attempt: 5, attempt_limit: 10 });
});

test('a job that was given up meanwhile stays given up', async () => {
  const job = await deadWithdrawal('250000.00');
  const proposal = await as('all', 'POST', `${job}/redrive`);
  expect(await as('all', 'POST', `${job}/drop`)).toMatchObject({ state: 'cancelled' });
  expect(await approve('approver', proposal)).toMatchObject({
    ...{ state: 'refused', result: { code: 'illegal-transition' } },
  });
  expect(await as('all', 'GET', job)).toMatchObject({ state: 'cancelled' });
});

test('one person stops a kind at once; it takes two to let it go on', async () => {
  const path = '/v1/switches/wallet.withdraw';
  expect(await as('all', 'PUT', path, { reason: 'odd payouts' })).toMatchObject({ status: 200 });
  const proposal = await as('all', 'DELETE', path);
  expect(proposal).toMatchObject({
    ...{ status: 202, action: 'switch.clear' },
    description: 'Let jobs of kind wallet.withdraw go on, which service:all stopped: odd payouts',
  });
  expect((await as('all', 'GET', path)).status).toBe(200);

  // Somebody stops it again for another reason: what was proposed was about the first one.
  await as('all', 'PUT', path, { reason: 'worse' });
  expect(await approve('approver', proposal)).toMatchObject({
    ...{ state: 'refused', result: { code: 'proposal-outdated' } },
  });
  const again = await as('all', 'DELETE', path);
  expect(again.id).not.toBe(proposal.id);
  expect(await approve('approver', again)).toMatchObject({ state: 'applied' });
  expect((await as('all', 'GET', path)).status).toBe(404);
  expect((await as('all', 'DELETE', path)).status).toBe(204);
});

test('what stops every tenant is let go on by two of the platform’s people', async () => {
  const { runtime } = api;
  expect(await runtime.setSwitch('*', 'wallet.deposit', 'moving', 'operator:nils')).toBeNull();
  const barred = await runtime.clearSwitch('*', 'wallet.deposit', 'operator:nils');
  expect(barred).toMatchObject({ code: 'approval-required', approval: /./ });
  expect(await as('all', 'GET', `/v1/approvals/${barred!.approval}`)).toMatchObject({ status: 404 });

  const approval = await runtime.transact('platform', 'operator:ann', async (tx, _, unit) => {
    const now = new Date();
    const { id, hash } = (await findApproval(tx, barred!.approval, now))!;
    const ballot = { tenant: 'platform', actor: 'operator:ann', now, id, hash, reason: null };
    return (await castVote(tx, unit, { ...ballot, verdict: 'approve' })).approval;
  });
  expect(approval).toMatchObject({
    ...{ state: 'applied', payload: { every_tenant: true, set_by: 'operator:nils' } },
  });
  expect(await runtime.switches('acme')).toEqual([]);
});

test('nobody but the platform’s people acts on the switches of every tenant', async () => {
  const request = { kind: 'wallet.withdraw', reason: 'x', every_tenant: true };
  expect(await as('all', 'POST', '/v1/approvals', { action: 'switch.set', request })).toMatchObject({
    ...{ status: 403, code: 'wrong-tenant' },
  });
});

test('the policy itself is changed by two people, and rules from then on', async () => {
  expect(await as('reader', 'GET', '/v1/approval-policy')).toMatchObject({ code: 'missing-scope' });
  expect(await as('all', 'GET', '/v1/approval-policy')).toMatchObject({
    ...{ money_redrive_above: '100000.00', expires_after_hours: 72, switch_set_needs_approval: false },
  });
  const request = { set: { money_redrive_above: '100', switch_set_needs_approval: true } };
  const proposal = await as('all', 'POST', '/v1/approvals', { action: 'policy.change', request });
  expect(proposal.payload).toEqual({
    set: { money_redrive_above: '100.00', switch_set_needs_approval: true },
    instead_of: { money_redrive_above: '100000.00', switch_set_needs_approval: false },
  });
  expect(await approve('approver', proposal)).toMatchObject({ state: 'applied' });
  expect(await as('all', 'GET', '/v1/approval-policy')).toMatchObject({
    ...{ money_redrive_above: '100.00', expires_after_hours: 72, switch_set_needs_approval: true },
  });
  expect(await as('all', 'POST', `${await deadWithdrawal('101.00')}/redrive`)).toMatchObject({ status: 202 });
  const stop = await as('all', 'PUT', '/v1/switches/wallet.transfer', { reason: 'odd' });
  expect(stop).toMatchObject({ status: 202, action: 'switch.set' });
  expect(await approve('director', stop)).toMatchObject({ state: 'applied' });
  expect(await as('all', 'GET', '/v1/switches/wallet.transfer')).toMatchObject({ reason: 'odd' });

  const wrong = { action: 'policy.change', request: { set: { quorum: [{ above: '0', approvers: 0 }] } } };
  expect(await as('all', 'POST', '/v1/approvals', wrong)).toMatchObject({ code: 'invalid-request' });
  const unknown = { action: 'policy.break', request: {} };
  expect(await as('all', 'POST', '/v1/approvals', unknown)).toMatchObject({ code: 'invalid-request' });
});
