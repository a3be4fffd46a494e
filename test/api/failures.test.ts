import { afterAll, expect, test, vi } from 'vitest';
import { ERRORS, RETIRED_CODES } from '../../src/api/errors.ts';
import { IDENTITY_ERRORS } from '../../src/identity/errors.ts';
import { testApi } from './support.ts';

const api = await testApi();
const { app } = api;
afterAll(() => api.close());

const headers = { authorization: api.tokens.all, 'content-type': 'application/json' };
const post = (body: string, more: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url: '/v1/jobs/mark.leave',
    headers: { ...headers, ...more },
    payload: body,
  });

test.each([
  ['no JSON', '{"payload":', 400, 'malformed-json'],
  ['an empty body', '', 400, 'malformed-json'],
  ['a poisoned prototype', '{"payload":{"__proto__":{"admin":true}}}', 400, 'malformed-json'],
  ['a poisoned constructor', '{"payload":{"constructor":{"prototype":{}}}}', 400, 'malformed-json'],
  ['an unknown field', '{"payload":{},"pay_load":1}', 400, 'invalid-request'],
  ['a number beyond all bounds', '{"payload":{},"priority":1e400}', 400, 'invalid-request'],
  ['a NUL character', '{"payload":{"from":"\\u0000"}}', 400, 'invalid-request'],
  ['half a surrogate pair', '{"payload":{"from":"\\ud800"}}', 400, 'invalid-request'],
  ['endless nesting', `{"payload":${'['.repeat(100_000)}`, 400, 'malformed-json'],
  ['deep nesting', `{"payload":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 400, 'invalid-payload'],
  [
    'deep nesting of bad text',
    `{"p":${'['.repeat(9_000)}"\\u0000"${']'.repeat(9_000)}}`,
    400,
    'invalid-request',
  ],
])('%s is refused', async (_, body, status, code) => {
  const answer = await post(body);
  expect(answer.headers['content-type']).toContain('application/problem+json');
  expect(answer.json()).toMatchObject({ status, code, type: `/docs/errors#${code}` });
});

test('an unknown field is named', async () => {
  expect((await post('{"payload":{},"pay_load":1}')).json().errors).toEqual([
    { pointer: '/pay_load', message: 'unknown field' },
  ]);
});

test('a body too large, of another type, or a key too long is refused', async () => {
  expect((await post(`"${'x'.repeat(2_200_000)}"`)).statusCode).toBe(413);
  expect((await post('a=b', { 'content-type': 'text/plain' })).statusCode).toBe(415);
  expect((await post('{"payload":{}}', { 'idempotency-key': 'k'.repeat(201) })).json().code).toBe(
    'invalid-key',
  );
});

test('unknown paths, kinds and methods are told apart', async () => {
  expect((await app.inject({ url: '/nowhere', headers })).json().code).toBe('unknown-route');
  const kind = await app.inject({ method: 'POST', url: '/v1/jobs/no.kind', headers, payload: '{}' });
  expect(kind.json().code).toBe('unknown-kind');
  const method = await app.inject({ method: 'PATCH', url: '/v1/jobs', headers, payload: '{}' });
  expect(method.statusCode).toBe(405);
  expect(method.headers.allow).toBe('GET, HEAD, POST');
});

test('faults of ours give nothing away', async () => {
  const submit = vi.spyOn(api.runtime, 'submit').mockRejectedValueOnce(new Error('password=hunter2'));
  const answer = await post('{"payload":{"name":"x"}}');
  submit.mockRestore();
  expect(answer.statusCode).toBe(500);
  expect(answer.json().request_id).toBe(answer.headers['x-request-id']);
  expect(answer.body).not.toContain('hunter2');
});

test("every error of identity is in the registry, with identity's status", () => {
  for (const [code, status] of Object.entries(IDENTITY_ERRORS)) {
    expect(ERRORS, code).toHaveProperty(code);
    expect(ERRORS[code as keyof typeof ERRORS].status, code).toBe(status);
  }
});

test('no retired code has come back', () => {
  for (const code of RETIRED_CODES) expect(ERRORS).not.toHaveProperty(code);
});
