import { afterAll, beforeAll, expect, test } from 'vitest';
import { Contract } from './contract.ts';
import { testApi } from './support.ts';

const api = await testApi();
afterAll(() => api.close());
const contract = new Contract((await api.app.inject({ url: '/openapi.json' })).json());

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

/** Held against the document. */
async function ask(method: Method, url: string, body?: unknown) {
  const answer = await api.send(method, url, body);
  expect(contract.violations(method, url, answer), `${method} ${url}`).toEqual([]);
  return { status: answer.statusCode, ...(answer.body === '' ? {} : answer.json()) };
}

beforeAll(async () => {
  const applied = await api.send('POST', '/v1/loan-applications', {
    reference: 'asha-1',
    applicant: {
      ...{ reference: 'asha', name: 'Asha Rao', phone: '+919812345678', email: 'asha@example.in' },
      ...{ date_of_birth: '1990-01-01', city: 'Pune' },
    },
    ...{ amount: '50000.00', tenure_months: 12, monthly_income: '60000.00', monthly_obligations: '0' },
  });
  expect(applied.statusCode).toBe(202);
});

test('how a borrower is reached comes with the application and is changed whole', async () => {
  const url = '/v1/borrowers/asha/contact';
  expect(await ask('GET', url)).toMatchObject({
    ...{ email: 'asha@example.in', phone: '+919812345678', locale: null, time_zone: null, devices: [] },
  });
  const token = 'firebase-token-of-one-telephone';
  expect(
    await ask('PUT', url, { locale: 'hi-IN', time_zone: 'Asia/Kolkata', devices: [token] }),
  ).toMatchObject({
    ...{ email: null, locale: 'hi-IN', devices: [{ token: '…elephone' }] },
  });
  const added = await ask('POST', '/v1/borrowers/asha/devices', { token: 'firebase-token-of-another-one' });
  expect(added.devices).toHaveLength(2);
  expect(JSON.stringify(await ask('GET', url))).not.toContain(token);
  expect(await ask('GET', '/v1/borrowers/nobody/contact')).toMatchObject({ status: 404, code: 'not-found' });
  expect(await ask('PUT', url, { email: 'no address', time_zone: 'Asia/Nowhere' })).toMatchObject({
    ...{ status: 400, errors: [{ pointer: '/email' }, { pointer: '/time_zone' }] },
  });
});

test('notices are switched on whole, and changed rule by rule', async () => {
  expect(await ask('GET', '/v1/notices')).toMatchObject({ enabled: false, rules: [] });
  const on = await ask('PUT', '/v1/notices', { enabled: true, channels: ['email', 'sms'] });
  expect(on).toMatchObject({ enabled: true });
  expect(on.rules).toContainEqual({
    ...{ name: 'overdue', event_type: 'loan.reminder-due', moment: 'after-due', template: 'overdue' },
    ...{ channels: ['email', 'sms'], category: 'reminder', enabled: true },
  });
  const rule = {
    event_type: 'loan.closed',
    template: 'closed',
    channels: ['push'],
    category: 'transactional',
  };
  expect(await ask('PUT', '/v1/notices/rules/closed', rule)).toMatchObject({
    name: 'closed',
    channels: ['push'],
  });
  expect(await ask('PUT', '/v1/notices/rules/closed', { ...rule, template: 'nothing' })).toMatchObject({
    code: 'unknown-template',
  });
  expect(await ask('PUT', '/v1/notices/rules/closed', { ...rule, moment: 'on-due' })).toMatchObject({
    ...{ code: 'invalid-request', errors: [{ pointer: '/moment' }] },
  });
  expect(await ask('DELETE', '/v1/notices/rules/closed')).toMatchObject({ status: 204 });
  expect(await ask('DELETE', '/v1/notices/rules/closed')).toMatchObject({ status: 404 });
});

test('a statement is asked for of a loan that there is', async () => {
  const nowhere = '/v1/loans/0197a3c0-5a1e-7b57-9d3c-6b6973740099/statement-notice';
  expect(await ask('POST', nowhere)).toMatchObject({ status: 404, code: 'not-found' });
});
