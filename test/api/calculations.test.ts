import { afterAll, expect, test } from 'vitest';
import { createClient, KistError } from '../../src/client/index.ts';
import { CALCULATIONS } from '../../src/loans/calculator/registry.ts';
import { testApi } from './support.ts';

const api = await testApi();
afterAll(() => api.close());

const annuity = { rate: '0.01', nper: 12, pv: '100000' };

test('a calculation is the same with and without its name in the body', async () => {
  const answer = { value: '-8884.878867834170733998783122788653' };
  for (const body of [annuity, { fn: 'pmt', ...annuity }]) {
    const calculated = await api.send('POST', '/v1/calculations/pmt', body);
    expect(calculated.statusCode).toBe(200);
    expect(calculated.json()).toEqual(answer);
  }
  const other = await api.send('POST', '/v1/calculations/pmt', { fn: 'fv', ...annuity });
  expect(other.json()).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/fn' }] });
});

test('explained, numbers carry their trace', async () => {
  const explained = await api.send('POST', '/v1/calculations/npv?explain=true', {
    rate: '0.1',
    values: ['110'],
  });
  expect(explained.json()).toMatchObject({
    value: '100',
    trace: { value: { rule: 'npv/1', unrounded: '100' } },
  });
});

test('no rate is an answer', async () => {
  const flows = [{ on: '2026-01-01', amount: '100' }];
  const answer = await api.send('POST', '/v1/calculations/xirr', { flows });
  expect([answer.statusCode, answer.json()]).toEqual([200, { rate: null }]);
});

test.each([
  ['pmt', { ...annuity, rate: 'x' }, 400, 'invalid-request', '/rate'],
  ['pmt', { ...annuity, term: 1 }, 400, 'invalid-request', '/term'],
  ['pmt', [], 400, 'invalid-request', ''],
  ['cumipmt', { ...annuity, start: 2, end: 1 }, 400, 'invalid-request', '/start'],
  [
    'apr',
    { method: 'eu', advances: [{ t: '0', amount: '1' }], payments: [{ t: '1', count: 2, amount: '1' }] },
    400,
    'invalid-request',
    '/payments/0/step',
  ],
])('what is wrong is named: %s of %j', async (fn, body, status, code, pointer) => {
  const answer = await api.send('POST', `/v1/calculations/${fn}`, body);
  expect(answer.headers['content-type']).toContain('application/problem+json');
  expect(answer.json()).toMatchObject({ status, code, errors: [{ pointer }] });
});

test('a number too large to be told is a problem of its own, and so is a function that is not there', async () => {
  const large = await api.send('POST', '/v1/calculations/fv', { rate: 1, nper: 100_000, pv: -1 });
  expect(large.json()).toMatchObject({ status: 422, code: 'not-calculable' });
  const unknown = await api.send('POST', '/v1/calculations/emi', {});
  expect(unknown.json()).toMatchObject({ status: 404, code: 'unknown-calculation' });
  expect(unknown.json().detail).toContain('cumprinc');
});

test('who may not read loans may not calculate', async () => {
  const asReader = { authorization: api.tokens.reader };
  const answer = await api.send('POST', '/v1/calculations/pmt', annuity, asReader);
  expect(answer.json()).toMatchObject({ status: 403, code: 'missing-scope' });
});

test('the document has a route for every function, with its fields', async () => {
  const { paths, components } = (await api.send('GET', '/docs/json')).json();
  for (const fn of CALCULATIONS.keys()) {
    expect(paths[`/v1/calculations/${fn}`]?.post.operationId).toBe(`calculations.run.${fn}`);
  }
  const schema = paths['/v1/calculations/pmt'].post.requestBody.content['application/json'].schema;
  const { properties } = components.schemas[schema.$ref.split('/').at(-1)];
  expect(Object.keys(properties)).toEqual(['rate', 'nper', 'pv', 'fv', 'type']);
});

test('the client calculates, with types for each function', async () => {
  const address = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const kist = createClient({ url: address, token: api.tokens.all.replace('Bearer ', ''), retries_max: 0 });
  const { value } = await kist.calculate('pmt', annuity);
  expect(value).toBe('-8884.878867834170733998783122788653');
  const { trace } = await kist.calculate('irr', { values: ['-100', 110] }, { explain: true });
  expect(trace?.value?.rule).toBe('irr/1');
  const refused = kist.calculate('cumipmt', { ...annuity, start: 2, end: 1 });
  await expect(refused).rejects.toBeInstanceOf(KistError);
  await expect(refused).rejects.toMatchObject({ errors: [{ pointer: '/start' }] });
});
