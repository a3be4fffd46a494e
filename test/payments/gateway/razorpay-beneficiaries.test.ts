import { expect, test } from 'vitest';
import type { Beneficiary } from '../../../src/payments/gateway/gateway.ts';
import { BASIC, type Change, call, razorpay } from './razorpay-server.ts';

const ASHA: Beneficiary = {
  id: '0199a1b2-0000-7000-8000-0000000000aa',
  holder: 'Asha Kumari',
  ifsc: 'HDFC0000053',
  account_number: '765432123456789',
  vpa: null,
};

const contact = { id: 'cont_00000000000001', entity: 'contact', name: 'Asha Kumari', active: true };
const fundAccount = { id: 'fa_00000000000001', entity: 'fund_account', contact_id: contact.id, active: true };

test('a bank account is made known as a contact and a fund account', async () => {
  const { asked, gateway } = await razorpay([
    { status: 201, json: contact },
    { status: 201, json: fundAccount },
  ]);
  expect(await gateway.register(ASHA, call())).toEqual({ contact: contact.id, fund_account: fundAccount.id });
  expect(asked).toMatchObject([
    {
      ...{ method: 'POST', path: '/v1/contacts', headers: { authorization: BASIC } },
      body: `{"name":"Asha Kumari","type":"customer","reference_id":"${ASHA.id}"}`,
    },
    {
      ...{ method: 'POST', path: '/v1/fund_accounts' },
      body:
        '{"contact_id":"cont_00000000000001","account_type":"bank_account",' +
        '"bank_account":{"name":"Asha Kumari","ifsc":"HDFC0000053","account_number":"765432123456789"}}',
    },
  ]);
});

test('registering again sends the same, so that the same comes back', async () => {
  const { asked, gateway } = await razorpay([
    ...[
      { status: 201, json: contact },
      { status: 201, json: fundAccount },
    ],
    ...[
      { status: 200, json: contact },
      { status: 200, json: fundAccount },
    ],
  ]);
  const [first, second] = [await gateway.register(ASHA, call()), await gateway.register(ASHA, call())];
  expect(second).toEqual(first);
  expect(asked.slice(2).map(({ body }) => body)).toEqual(asked.slice(0, 2).map(({ body }) => body));
});

test('a UPI address is made known; a long name is cut only for the contact', async () => {
  const { asked, gateway } = await razorpay([{ json: contact }, { json: fundAccount }]);
  const holder = `Sri ${'Venkata'.repeat(10)}`;
  await gateway.register({ ...ASHA, holder }, call());
  const [person, account] = asked.map(({ body }) => JSON.parse(body));
  expect(person.name).toHaveLength(50);
  expect(account.bank_account.name).toBe(holder);

  const upi = await razorpay([{ json: contact }, { json: fundAccount }]);
  await upi.gateway.register({ ...ASHA, ifsc: null, account_number: null, vpa: 'asha@exampleupi' }, call());
  expect(JSON.parse(upi.asked[1]!.body)).toEqual({
    ...{ contact_id: contact.id, account_type: 'vpa', vpa: { address: 'asha@exampleupi' } },
  });
  const nowhere = { ...ASHA, ifsc: null, account_number: null };
  await expect(gateway.register(nowhere, call())).rejects.toThrow(RangeError);
});

test('an account is checked by paying the least into it', async () => {
  const check = (change: Change) => ({
    ...{ id: 'fav_00000000000001', entity: 'fund_account.validation', reference_id: 'check-1', notes: [] },
    ...{ status: 'created', validation_results: null, utr: null },
    ...change,
  });
  const results = { account_status: 'valid', registered_name: 'ASHA KUMARI', name_match_score: '92' };
  const { asked, gateway } = await razorpay([
    { json: check({}) },
    { json: check({ status: 'completed', validation_results: results, utr: '123456789012' }) },
    { json: check({ status: 'completed', validation_results: { account_status: 'invalid' } }) },
    {
      json: check({
        ...{ status: 'failed', validation_results: { account_status: null, name_match_score: null } },
        status_details: { reason: 'beneficiary_bank_offline', description: 'The bank is offline.' },
      }),
    },
  ]);
  const open = { account: null, registered_name: null, name_match: null, utr: null };
  expect(await gateway.checkAccount(ASHA, 'check-1', call())).toEqual({
    ...{ id: 'fav_00000000000001', reference: 'check-1', status: 'created', ...open },
    ...{ amount: null, reason: null },
  });
  expect(asked[0]).toMatchObject({ method: 'POST', path: '/v1/fund_accounts/validations' });
  expect(JSON.parse(asked[0]!.body)).toEqual({
    ...{ source_account_number: '7878780080316316', validation_type: 'pennydrop', reference_id: 'check-1' },
    notes: { check: 'check-1' },
    fund_account: {
      account_type: 'bank_account',
      bank_account: { name: 'Asha Kumari', ifsc: 'HDFC0000053', account_number: '765432123456789' },
      contact: { name: 'Asha Kumari', type: 'customer', reference_id: ASHA.id },
    },
  });
  expect(await gateway.accountCheck('fav_1', call())).toMatchObject({
    ...{ status: 'completed', account: 'active', registered_name: 'ASHA KUMARI', name_match: 92 },
    utr: '123456789012',
  });
  expect(asked[1]).toMatchObject({ method: 'GET', path: '/v1/fund_accounts/validations/fav_1' });
  expect(await gateway.accountCheck('fav_1', call())).toMatchObject({ account: 'invalid', name_match: null });
  expect(await gateway.accountCheck('fav_1', call())).toMatchObject({
    ...{ status: 'failed', ...open, reason: 'beneficiary_bank_offline' },
  });
});

test('a check whose answer was lost is looked up among all of its time, page by page', async () => {
  const begun_at = new Date('2026-11-20T12:00:00Z');
  const check = (id: number, reference_id: string | null) => ({
    ...{ id: `fav_${id}`, status: 'created', reference_id, amount: 100 },
  });
  const others = Array.from({ length: 100 }, (_, index) => check(index, `check-${index + 100}`));
  const wanted = { reference: 'check-1', begun_at };
  const { asked, gateway } = await razorpay([
    { json: { items: others } },
    { json: { items: [check(900, null), check(901, 'check-1')] } },
    { json: { items: [check(900, null)] } },
    { json: { items: [check(901, 'check-1'), check(902, 'check-1')] } },
  ]);
  expect(await gateway.accountCheckByReference(wanted, call())).toMatchObject({
    ...{ id: 'fav_901', reference: 'check-1', amount: '1.00' },
  });
  const [from, to] = [Date.parse('2026-11-20T11:00:00Z') / 1_000, Date.parse('2026-11-20T13:00:00Z') / 1_000];
  const query = `account_number=7878780080316316&from=${from}&to=${to}&count=100`;
  expect(asked.map(({ path }) => path)).toEqual([
    `/v1/fund_accounts/validations?${query}&skip=0`,
    `/v1/fund_accounts/validations?${query}&skip=100`,
  ]);
  expect(await gateway.accountCheckByReference(wanted, call())).toBeNull();
  await expect(gateway.accountCheckByReference(wanted, call())).rejects.toMatchObject({
    ...{ kind: 'unknown', code: 'several-of-reference' },
  });
});

test('of all our accounts the one is told that payouts are paid from', async () => {
  const balance = (account_number: string, available_amount: number) => ({
    ...{ entity: 'banking_balance', currency: 'INR', account_number, account_type: 'current_account' },
    ...{ bank_name: null, amount: 1, available_amount, refreshed_at: 1_721_889_110 },
  });
  const { gateway } = await razorpay([
    { json: { items: [balance('409001396356', 7), balance('7878780080316316', 186_682_638)] } },
    { json: { items: [balance('7878780080316316', -118)] } },
    { json: { items: [] } },
  ]);
  const at = new Date(1_721_889_110_000);
  expect(await gateway.balance(call())).toEqual({ available: '1866826.38', at });
  expect(await gateway.balance(call())).toEqual({ available: '-1.18', at });
  await expect(gateway.balance(call())).rejects.toMatchObject({ code: 'account-not-listed' });
});
