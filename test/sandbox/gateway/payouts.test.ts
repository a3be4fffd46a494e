import { expect, test } from 'vitest';
import { SANDBOX_ACCOUNT } from '../../../src/sandbox/gateway/settings.ts';
import { openLender } from './a-gateway.ts';

test('a payout is made once a key, and a repeat is answered with the payout as it stands now', async () => {
  const lender = await openLender();
  const first = await lender.pay('loan-1');
  expect(first.status).toBe(200);
  expect(first.body).toMatchObject({
    ...{ entity: 'payout', amount: 50_000, status: 'processing', fees: 590, tax: 90, utr: null },
    ...{ reference_id: 'loan-1', mode: 'IMPS', status_details: { reason: 'payout_bank_processing' } },
  });
  await lender.pass({ seconds: 10 });
  const repeated = await lender.pay('loan-1');
  expect(repeated.body).toMatchObject({ id: first.body.id, status: 'processed' });
  expect(repeated.body.utr).toMatch(/^\d{12}$/);

  const other = await lender.pay('loan-1', { amount: 50_001 });
  expect(other.status).toBe(400);
  expect(other.body.error.description).toBe('Different request body sent for the same Idempotency Header');
  expect(lender.gateway.paidOut()).toHaveLength(1);
});

test('the same key with the same fields in other bytes is another body', async () => {
  const lender = await openLender();
  const order = await lender.order('loan-1');
  const headers = { 'x-payout-idempotency': 'key-1' };
  await lender.call('POST', '/payouts', JSON.stringify(order), headers);
  expect((await lender.call('POST', '/payouts', JSON.stringify(order, null, 1), headers)).status).toBe(400);
});

test.each([
  ['amount', { amount: 99 }],
  ['amount', { amount: 100.5 }],
  ['mode', { mode: 'imps' }],
  ['mode', { mode: 'UPI' }],
  ['currency', { currency: 'USD' }],
  ['purpose', { purpose: 'loan' }],
  ['reference_id', { reference_id: 'x'.repeat(41) }],
  ['narration', { narration: 'Loan #7' }],
  ['notes', { notes: { loan: 'x'.repeat(257) } }],
  ['account_number', { account_number: '1' }],
  ['fund_account_id', { fund_account_id: 'fa_0' }],
  ['fund_account_id', { fund_account_id: undefined }],
])('a payout with a wrong %s is refused, and the field is named', async (field, changes) => {
  const lender = await openLender();
  const { status, body } = await lender.pay('loan-1', changes);
  expect(status).toBe(400);
  expect(body.error).toMatchObject({ code: 'BAD_REQUEST_ERROR', reason: 'input_validation_failed' });
  expect(body.error.field).toMatch(new RegExp(`^${field}`));
  expect(lender.gateway.paidOut()).toEqual([]);
});

test('without a key, with a wrong one, or without credentials nothing is made', async () => {
  const lender = await openLender();
  expect(await lender.pay('loan-1', {}, '')).toMatchObject({ status: 400 });
  expect(await lender.pay('loan-1', {}, 'a/b/c')).toMatchObject({ status: 400 });
  const stranger = await lender.call('GET', '/banking_balances', undefined, { authorization: 'Basic eDp5' });
  expect(stranger).toMatchObject({ status: 401, body: { error: { reason: 'authentication_failed' } } });
  expect(lender.gateway.log().at(-1)).toMatchObject({
    path: '/v1/banking_balances',
    status: 401,
    account: null,
  });
});

test('contacts and fund accounts are made anew only where the set differs', async () => {
  const lender = await openLender();
  const asha = { name: 'Asha Rao', reference_id: 'b-1' };
  const first = await lender.call('POST', '/contacts', asha);
  const again = await lender.call('POST', '/contacts', { ...asha, notes: { seen: 'twice' } });
  const other = await lender.call('POST', '/contacts', { ...asha, type: 'vendor' });
  expect([first.status, again.status, other.status]).toEqual([201, 200, 201]);
  expect(again.body).toEqual(first.body);
  expect(other.body.id).not.toBe(first.body.id);

  expect(await lender.fundAccount()).toBe(await lender.fundAccount());
  expect(await lender.fundAccount('998877665544')).not.toBe(await lender.fundAccount());
});

test('payouts are found by their reference, after the lag of the list', async () => {
  const lender = await openLender({ list_lag_ms: 90_000 });
  const { body: payout } = await lender.pay('loan-1');
  await lender.pay('loan-2');
  const path = `/payouts?account_number=7878780080316316&reference_id=loan-1`;
  expect((await lender.call('GET', path)).body).toMatchObject({ count: 0 });
  expect((await lender.call('GET', `/payouts/${payout.id}`)).body).toMatchObject({ status: 'processing' });
  await lender.pass({ seconds: 90 });
  expect((await lender.call('GET', path)).body).toMatchObject({ count: 1, items: [{ id: payout.id }] });
  expect((await lender.call('GET', '/payouts?account_number=7878780080316316')).body.count).toBe(2);
  expect((await lender.call('GET', '/payouts')).body.error.field).toBe('account_number');
});

test('without the money a payout fails, or waits for it and can be cancelled until then', async () => {
  const lender = await openLender({ accounts: [{ ...SANDBOX_ACCOUNT, opening_balance: 60_000 }] });
  await lender.pay('loan-1');
  expect((await lender.pay('loan-2')).body).toMatchObject({
    ...{ status: 'failed', fees: 0, status_details: { reason: 'insufficient_funds' } },
  });
  const queued = await lender.pay('loan-3', { queue_if_low_balance: true });
  const cancelled = await lender.pay('loan-4', { queue_if_low_balance: true });
  expect(queued.body).toMatchObject({ status: 'queued', status_details: { reason: 'low_balance' } });
  expect((await lender.call('POST', `/payouts/${cancelled.body.id}/cancel`)).body.status).toBe('cancelled');
  expect((await lender.call('POST', `/payouts/${cancelled.body.id}/cancel`)).status).toBe(400);

  lender.gateway.deposit(1_000_000);
  await lender.pass({ seconds: 10 });
  const states = lender.gateway
    .paidOut()
    .map(({ reference_id, status, kept }) => [reference_id, status, kept]);
  expect(states).toEqual([
    ['loan-1', 'processed', 50_000],
    ['loan-2', 'failed', 0],
    ['loan-3', 'processed', 50_000],
    ['loan-4', 'cancelled', 0],
  ]);
});

test('the slower rails tell their reference a minute after the credit', async () => {
  const lender = await openLender();
  const { body } = await lender.pay('loan-1', { mode: 'NEFT' });
  await lender.pass({ seconds: 10 });
  expect((await lender.call('GET', `/payouts/${body.id}`)).body).toMatchObject({
    status: 'processed',
    utr: null,
  });
  await lender.pass({ seconds: 60 });
  expect((await lender.call('GET', `/payouts/${body.id}`)).body.utr).toMatch(/^HDFCN/);
});

test('a bank account is checked by a rupee: it exists, it does not, or it is somebody else’s', async () => {
  const lender = await openLender();
  lender.gateway.script({ fault: 'account-invalid', subject: '111111111' });
  lender.gateway.script({ fault: 'name-differs', subject: '222222222' });
  const results = [];
  for (const number of ['000000000', '111111111', '222222222']) {
    const id = await lender.fundAccount(number);
    const sent = { source_account_number: '7878780080316316', fund_account: { id } };
    const { body } = await lender.call('POST', '/fund_accounts/validations', sent);
    expect(body.status).toBe('created');
    await lender.pass({ seconds: 5 });
    results.push((await lender.call('GET', `/fund_accounts/validations/${body.id}`)).body.validation_results);
  }
  expect(results).toMatchObject([
    { account_status: 'active', registered_name: 'ASHA RAO', name_match_score: 100 },
    { account_status: 'invalid', registered_name: null },
    { account_status: 'active', registered_name: 'SOMEBODY ELSE', name_match_score: 30 },
  ]);
});

test('each line of the statement has the balance after it; a payout costs its fees as well', async () => {
  const lender = await openLender();
  lender.gateway.script({ fault: 'processed-reversed', subject: 'loan-2', days: 2 });
  lender.gateway.script({ fault: 'failed', subject: 'loan-3' });
  for (const loan of ['loan-1', 'loan-2', 'loan-3']) await lender.pay(loan);
  await lender.pass({ days: 2, hours: 1 });

  const { body } = await lender.call('GET', '/transactions?account_number=7878780080316316');
  const lines = body.items.toReversed();
  expect(lines).toMatchObject([
    {
      debit: 50_590,
      credit: 0,
      balance: 999_999_949_410,
      source: { entity: 'payout', status: 'processed', tax: 90 },
    },
    { debit: 50_590, credit: 0, balance: 999_999_898_820 },
    { debit: 0, credit: 50_000, balance: 999_999_948_820, source: { entity: 'reversal' } },
  ]);
  expect((await lender.call('GET', `/transactions/${lines[0].id}`)).body).toEqual(lines[0]);
  expect((await lender.call('GET', '/banking_balances')).body.items).toMatchObject([
    { amount: 999_999_948_820 },
  ]);
  expect(lender.gateway.bankStatement('2026-11-23', '2026-11-23')).toBe(
    'Date,Value Date,Description,Reference,Debit,Credit,Balance\n' +
      `2026-11-23,2026-11-23,IMPS RETURN payout,${lines[2].source.utr},,500.00,9999999488.20\n`,
  );
});
