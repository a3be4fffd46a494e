import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Contract, type Document } from './contract.ts';
import { testApi } from './support.ts';

const api = await testApi({ workers: ['marks', 'wallets'] });
afterAll(() => api.close());

let document: Document;
beforeAll(async () => {
  document = (await api.app.inject({ url: '/openapi.json' })).json();
});

test('the document is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
  expect(document.openapi).toBe('3.1.0');
});

test('every public kind has a documented path, with the payload it asks for', () => {
  for (const [kind, definition] of api.runtime.registry.kinds) {
    const operation = document.paths[`/v1/jobs/${kind}`];
    if (definition.public === false) expect(operation, kind).toBeUndefined();
    else {
      const { schema } = operation.post.requestBody.content['application/json'];
      expect(schema.required, kind).toEqual(['payload']);
      const name = schema.properties.payload.$ref.replace('#/components/schemas/', '');
      expect(document.components.schemas[name].additionalProperties, kind).toBe(false);
    }
  }
});

test('every operation has a name of its own, and says what it asks for', () => {
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path as object));
  const names = operations.map((operation) => operation.operationId);
  expect(names).not.toContain(undefined);
  expect(new Set(names).size).toBe(names.length);
  expect(document.paths['/v1/loan-applications'].post.description).toContain(
    'Needs the scope `loans:write`.',
  );
});

test('every reference leads somewhere, and every component is referred to', () => {
  const text = JSON.stringify(document);
  const referred = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1]));
  expect([...referred].sort()).toEqual(Object.keys(document.components.schemas).sort());
});

test('answers are what the document says, good ones and problems alike', async () => {
  const contract = new Contract(document);
  const wallet = (await api.send('POST', '/v1/wallets', { owner: 'Ravi', currency: 'INR' })).json();
  const job = (await api.send('POST', '/v1/jobs/mark.leave', { payload: { name: 'x' } })).json();
  const nothing = '018f0000-0000-7000-8000-000000000001';
  const item = (name: string) => ({ kind: 'mark.leave', payload: { name } });
  const requests: [Parameters<typeof api.send>[0], string, unknown?][] = [
    ['POST', '/v1/jobs/mark.leave', { payload: { name: 'x' } }],
    ['POST', '/v1/jobs/mark.leave', { payload: { name: '' } }],
    ['POST', '/v1/jobs', { jobs: [item('a'), item(''), item('a'), 'nonsense', { kind: 'no.kind' }] }],
    ['GET', `/v1/jobs/${job.id}?wait=20s`],
    ['POST', '/v1/jobs/mark.leave', { payload: { name: 'x' } }],
    ['GET', '/v1/jobs?limit=1'],
    ['GET', `/v1/jobs/${nothing}`],
    ['GET', '/v1/jobs/no-id'],
    ['POST', `/v1/jobs/${job.id}/cancel`],
    ['PUT', '/v1/switches/doomed.run', { reason: 'no' }],
    ['GET', '/v1/switches/doomed.run'],
    ['GET', '/v1/switches'],
    ['DELETE', '/v1/switches/doomed.run'],
    ['POST', '/v1/wallets', { id: wallet.id, owner: 'Ravi', currency: 'INR' }],
    ['POST', '/v1/wallets', { owner: '', currency: 'inr' }],
    ['GET', `/v1/wallets/${wallet.id}`],
    [
      'POST',
      '/v1/transfers',
      { from: wallet.id, to: wallet.id, amount: '1', currency: 'INR', reference: 'r' },
    ],
    ['POST', '/v1/transfers', { amount: 1 }],
    ['POST', '/v1/loan-applications', {}],
    ['GET', `/v1/loan-applications/${nothing}`],
    ['POST', `/v1/loan-applications/${nothing}/approve`],
    ['POST', `/v1/loan-applications/${nothing}/reject`, { reason: 'no' }],
    ['GET', `/v1/loans/${nothing}`],
    ['GET', `/v1/loans/${nothing}/schedule`],
    ['GET', `/v1/loans/${nothing}/ledger`],
    ['POST', `/v1/loans/${nothing}/repayments`, { amount: '1', currency: 'INR', reference: 'r' }],
    ['GET', '/v1/session'],
    ['GET', '/v1/ledger/trial-balance'],
    ['GET', '/v1/ledger/trial-balance?as_of=2026-02-30'],
    ['GET', '/v1/ledger/trial-balance?as_of=0000-01-01'],
    ['GET', `/v1/ledger/journals/${nothing}/proof`],
  ];
  for (const [method, url, body] of requests) {
    const answer = await api.send(method, url, body);
    expect(contract.violations(method, url, answer), `${method} ${url} → ${answer.statusCode}`).toEqual([]);
    expect(answer.statusCode, `${method} ${url}`).toBeLessThan(500);
  }
});

test('the human pages are served from here alone', async () => {
  for (const url of ['/docs', '/docs/errors']) {
    const page = await api.app.inject({ url });
    expect(page.statusCode, url).toBe(200);
    expect(page.body, url).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  }
});
