import { afterAll, expect, test } from 'vitest';
import { fakeApi } from './fakes.ts';

const { app } = fakeApi();
afterAll(() => app.close());

const headers = { authorization: 'Bearer all' };
const from = '018f0000-0000-7000-8000-000000000001';
const to = '018f0000-0000-7000-8000-000000000002';
const payload = (amount: string) => ({ from, to, amount });

function accept(body: unknown, more: Record<string, string> = {}) {
  return app.inject({
    method: 'POST',
    url: '/v1/jobs/wallet.transfer',
    headers: { ...headers, ...more },
    payload: body as object,
  });
}

test('a job is accepted once, and a repeat is answered with the same job', async () => {
  const first = await accept({ payload: payload('10.00') }, { 'idempotency-key': 'rent-june' });
  expect(first.statusCode).toBe(202);
  expect(first.headers['idempotent-replayed']).toBeUndefined();
  expect(first.json()).toEqual({
    id: expect.any(String),
    kind: 'wallet.transfer',
    key: 'rent-june',
    state: 'pending',
    links: { self: `/v1/jobs/${first.json().id}` },
  });

  const repeat = await accept({ payload: payload('10.00') }, { 'idempotency-key': 'rent-june' });
  expect(repeat.statusCode).toBe(202);
  expect(repeat.headers['idempotent-replayed']).toBe('true');
  expect(repeat.json()).toEqual(first.json());

  const other = await accept({ payload: payload('11.00') }, { 'idempotency-key': 'rent-june' });
  expect(other.statusCode).toBe(422);
  expect(other.json().code).toBe('idempotency-conflict');
});

test('each item of a batch is answered on its own, in its place', async () => {
  const answer = await app.inject({
    method: 'POST',
    url: '/v1/jobs',
    headers,
    payload: {
      jobs: [
        { kind: 'wallet.transfer', key: 'b-1', payload: payload('1') },
        { kind: 'wallet.transfer', key: 'b-2', payload: payload('-1') },
        { kind: 'wallet.nothing', payload: {} },
        { kind: 'ledger.seal', payload: {} },
        'nonsense',
        { kind: 'wallet.transfer', key: 'b-1', payload: payload('1') },
      ],
    },
  });
  expect(answer.statusCode).toBe(202);
  const { jobs } = answer.json();
  expect(jobs.map((item: { status: number; code?: string }) => item.code ?? item.status)).toEqual([
    202,
    'invalid-payload',
    'unknown-kind',
    'unknown-kind',
    'invalid-request',
    202,
  ]);
  expect(jobs[1].errors[0].pointer).toBe('/jobs/1/payload/amount');
  expect(jobs[5]).toMatchObject({ replayed: true, id: jobs[0].id });
});

test('what a caller may not do is refused before the body is looked at', async () => {
  const nobody = await app.inject({ method: 'POST', url: '/v1/jobs/wallet.transfer', payload: '{' });
  expect(nobody.statusCode).toBe(401);
  const reader = await accept({ payload: payload('1') }, { authorization: 'Bearer reader' });
  expect(reader.statusCode).toBe(403);
  expect(reader.json()).toMatchObject({
    code: 'missing-scope',
    detail: expect.stringContaining('jobs:wallet.transfer'),
  });
});

test('jobs are listed newest first, a page at a time', async () => {
  for (const key of ['p-1', 'p-2', 'p-3'])
    await accept({ payload: payload('5') }, { 'idempotency-key': key });
  const first = await app.inject({ url: '/v1/jobs?limit=2', headers });
  expect(first.json().jobs.map((job: { key: string }) => job.key)).toEqual(['p-3', 'p-2']);
  const second = await app.inject({ url: first.json().next, headers });
  expect(second.json().jobs[0].key).toBe('p-1');
});

test("another tenant's job is not there", async () => {
  const { id } = (await accept({ payload: payload('7') })).json();
  const answer = await app.inject({ url: `/v1/jobs/${id}`, headers: { authorization: 'Bearer globex' } });
  expect(answer.statusCode).toBe(404);
});

test('a person with a session acts only from our own pages', async () => {
  const { id } = (await accept({ payload: payload('8') })).json();
  const cancel = (more: Record<string, string>) =>
    app.inject({
      method: 'POST',
      url: `/v1/jobs/${id}/cancel`,
      headers: { cookie: 'kist_session=asha', ...more },
    });
  expect((await cancel({})).json().code).toBe('cross-site-request');
  const token = { 'x-csrf-token': 'the-token-of-this-session' };
  expect((await cancel({ ...token, 'sec-fetch-site': 'cross-site' })).json().code).toBe('cross-site-request');
  expect((await cancel(token)).json().state).toBe('cancelled');
  expect((await cancel(token)).statusCode).toBe(409);
});
