import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { testApi } from './support.ts';

const api = await testApi();
afterAll(() => api.close());
beforeAll(async () => {
  const applied = await api.send('POST', '/v1/loan-applications', {
    reference: 'asha-1',
    applicant: {
      ...{ reference: 'asha', name: 'Asha Rao', phone: '+919812345678' },
      ...{ date_of_birth: '1990-01-01', city: 'Pune' },
    },
    ...{ amount: '50000.00', tenure_months: 12, monthly_income: '60000.00', monthly_obligations: '0' },
  });
  expect(applied.statusCode).toBe(202);
});

const ACCOUNTS = '/v1/borrowers/asha/bank-accounts';
const AT_BANK = { holder: 'Asha Rao', ifsc: 'HDFC0000123', account_number: '50100012345678' };

test('an account is added once, however often it is told, and shown masked', async () => {
  const added = await api.send('POST', ACCOUNTS, AT_BANK);
  expect(added.statusCode).toBe(201);
  expect(added.json()).toMatchObject({
    ...{ holder: 'Asha Rao', ifsc: 'HDFC0000123', account_number: 'XXXX5678', vpa: null, state: 'usable' },
  });
  const repeats = await Promise.all(
    Array.from({ length: 5 }, () => api.send('POST', ACCOUNTS, { ...AT_BANK, ifsc: ' hdfc0000123 ' })),
  );
  for (const repeat of repeats) {
    expect(repeat.statusCode).toBe(200);
    expect(repeat.json()).toEqual(added.json());
  }
  const upi = await api.send('POST', ACCOUNTS, { holder: 'Asha Rao', vpa: 'asha.rao@okbank' });
  expect(upi.json()).toMatchObject({ vpa: 'asXXXX@okbank', account_number: null, ifsc: null });
  const list = await api.send('GET', ACCOUNTS);
  expect(list.json().bank_accounts).toEqual([upi.json(), added.json()]);
  expect(list.body).not.toContain(AT_BANK.account_number);
});

test('a retired account is usable again once it is added again; another holder’s name is refused', async () => {
  const { id } = (await api.send('POST', ACCOUNTS, AT_BANK)).json();
  expect((await api.send('POST', `${ACCOUNTS}/${id}/retire`)).json().state).toBe('retired');
  expect((await api.send('POST', ACCOUNTS, AT_BANK)).json()).toMatchObject({ id, state: 'usable' });
  const other = await api.send('POST', ACCOUNTS, { ...AT_BANK, holder: 'Somebody Else' });
  expect(other.json().code).toBe('already-exists');
});

test.each([
  [{ ...AT_BANK, ifsc: 'HDFC1000123' }, '/ifsc'],
  [{ ...AT_BANK, account_number: '12-34' }, '/account_number'],
  [{ holder: 'Asha Rao', vpa: 'nowhere' }, '/vpa'],
  [{ ...AT_BANK, holder: 'X' }, '/holder'],
  [{ ...AT_BANK, ifsc: undefined }, ''],
  [{ holder: 'Asha Rao' }, ''],
  [{ ...AT_BANK, vpa: 'asha@okbank' }, ''],
])('%j is refused for %s', async (body, pointer) => {
  const { code, errors } = (await api.send('POST', ACCOUNTS, body)).json();
  expect({ code, pointer: errors[0].pointer }).toEqual({ code: 'invalid-request', pointer });
});

test('nobody else sees or adds, and the audit trail holds no number', async () => {
  const other = { authorization: api.tokens.globex };
  expect((await api.send('GET', ACCOUNTS, undefined, other)).json().code).toBe('not-found');
  expect((await api.send('POST', ACCOUNTS, AT_BANK, other)).json().code).toBe('not-found');
  const reader = { authorization: api.tokens.reader };
  expect((await api.send('POST', ACCOUNTS, AT_BANK, reader)).json().code).toBe('missing-scope');
  const rows = await until('the refusals are in the audit trail', async () => {
    const found = await api.database.superuser(
      `SELECT a::text AS row FROM audit AS a WHERE action LIKE 'bank-accounts.%'`,
    );
    return found.rows.some(({ row }) => row.includes('missing-scope')) ? found.rows : undefined;
  });
  const all = rows.map(({ row }) => row).join('\n');
  for (const text of [AT_BANK.account_number, 'Asha Rao', 'asha.rao@okbank']) expect(all).not.toContain(text);
});
