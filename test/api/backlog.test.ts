import { afterAll, expect, test } from 'vitest';
import { testApi } from './support.ts';

const api = await testApi({ config: { KIST_TRUSTED_PROXIES: '', KIST_CREDIT_BACKLOG_MAX: 2 } });
afterAll(() => api.close());

const apply = (reference: string) =>
  api.send('POST', '/v1/loan-applications', {
    reference,
    applicant: {
      ...{ reference, name: 'Ravi Kumar', phone: '+919812345678', date_of_birth: '1990-05-01', city: 'Pune' },
    },
    ...{ amount: '120000.00', tenure_months: 12, monthly_income: '60000', monthly_obligations: '0' },
  });

test('whoever applies while too many wait for their check is told when to come back', async () => {
  expect([await apply('b-1'), await apply('b-2')].map(({ statusCode }) => statusCode)).toEqual([202, 202]);
  const refused = await apply('b-3');
  expect(refused.json()).toMatchObject({ status: 503, code: 'backlog-full' });
  expect(refused.headers['retry-after']).toBe('30');
  expect((await apply('b-1')).headers['idempotent-replayed']).toBe('true');
  const { rows } = await api.database.superuser('SELECT count(*)::int FROM borrower');
  expect(rows, 'nothing of it was kept').toEqual([{ count: 2 }]);
});
