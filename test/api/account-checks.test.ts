import { afterAll, expect, test } from 'vitest';
import type { AccountCheck, Gateway } from '../../src/payments/gateway/gateway.ts';
import type { Services } from '../../src/runtime/definition.ts';
import { HASTY_PACE, PAYING_ACCOUNT } from '../payments/paying.ts';
import { addBorrower } from '../payments/stub-gateway.ts';
import { until } from '../support/until.ts';
import { testApi } from './support.ts';

const NUMBER = '50100012345678';
const answer: AccountCheck = {
  ...{ id: 'fav_1', reference: null, status: 'completed', account: 'active', registered_name: 'ASHA K RAO' },
  ...{ name_match: 85, amount: '1.00', utr: '123456789012', reason: null },
};
const gateway: Partial<Gateway> = { name: 'razorpay', checkAccount: async () => answer };
const services = {
  payments: {
    ...{ gateways: new Map([['razorpay', gateway as Gateway]]), account: async () => PAYING_ACCOUNT },
    pace: HASTY_PACE,
  },
} as unknown as Services;
const api = await testApi({ services, workers: ['account-checks'] });
afterAll(() => api.close());

test('a service has a borrower’s account checked once, and sees what the bank said and what showed it', async () => {
  const { wallet, bank_account } = await addBorrower(api.database, '10.00');
  const url = `/v1/borrowers/asha-${wallet}/bank-accounts`;
  const asked = await api.send('POST', `${url}/${bank_account}/check`);
  expect(asked.statusCode).toBe(202);
  expect(asked.json()).toMatchObject({ kind: 'payments.check-bank-account', key: `${bank_account}/1` });
  const again = await api.send('POST', `${url}/${bank_account}/check`, {});
  expect(again.json()).toMatchObject({ id: asked.json().id });
  expect(again.headers['idempotent-replayed']).toBe('true');

  const [account] = await until('it is checked', async () => {
    const { bank_accounts } = (await api.send('GET', url)).json();
    return bank_accounts[0].check?.state === 'completed' ? bank_accounts : undefined;
  });
  const said = { account: 'active', registered_name: 'ASHA K RAO', name_fit: 'similar', name_score: 85 };
  expect(account).toMatchObject({ state: 'usable', check: said });
  const checks = await api.send('GET', `${url}/${bank_account}/checks`);
  expect(checks.json().checks).toMatchObject([
    {
      ...{
        ...said,
        bank_account,
        attempt: 1,
        provider_id: 'fav_1',
        utr: '123456789012',
        asked_by: 'service:all',
      },
      ...{ amount: '1.00', fees: null, tax: null },
      moves: [
        { from: null, to: 'asked', evidence: 'machine' },
        { from: 'asked', to: 'completed', evidence: 'answer', journal: /./ },
      ],
    },
  ]);
  expect(checks.body).not.toContain(NUMBER);
  const second = await api.send('POST', `${url}/${bank_account}/check`, { attempt: 2 });
  const { result } = await until('it is refused', async () => {
    const job = (await api.send('GET', `/v1/jobs/${second.json().id}`)).json();
    return job.state === 'done' ? job : undefined;
  });
  expect(result).toMatchObject({ outcome: 'refused', code: 'for-people' });
});

test('another borrower’s account is not found, and whoever may not ask is refused', async () => {
  const { wallet, bank_account } = await addBorrower(api.database, '10.00');
  const other = await addBorrower(api.database, '10.00');
  const url = (of: string) => `/v1/borrowers/asha-${of}/bank-accounts/${bank_account}`;
  expect((await api.send('POST', `${url(other.wallet)}/check`)).json().code).toBe('not-found');
  expect((await api.send('GET', `${url(other.wallet)}/checks`)).json().code).toBe('not-found');
  const reader = { authorization: api.tokens.reader };
  expect((await api.send('POST', `${url(wallet)}/check`, undefined, reader)).json().code).toBe(
    'missing-scope',
  );
});
