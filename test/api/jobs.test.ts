import { afterAll, expect, test } from 'vitest';
import { testApi } from './support.ts';

const api = await testApi({ workers: true });
afterAll(() => api.close());

const leave = (name: string, headers: Record<string, string> = {}) =>
  api.send('POST', '/v1/jobs/mark.leave', { payload: { name } }, headers);

test('a job is accepted once, runs once, and a repeat is answered with its result', async () => {
  const first = await leave('june', { 'idempotency-key': 'rent-june' });
  expect(first.statusCode).toBe(202);
  expect(first.headers['idempotent-replayed']).toBeUndefined();
  const { id } = first.json();
  expect(first.json()).toEqual({
    id,
    kind: 'mark.leave',
    key: 'rent-june',
    state: 'pending',
    links: { self: `/v1/jobs/${id}` },
  });

  const rested = await api.send('GET', `/v1/jobs/${id}?wait=20s`);
  expect(rested.json()).toMatchObject({ state: 'done', result: { left: 'june' }, attempts: [] });

  const repeat = await leave('june', { 'idempotency-key': 'rent-june' });
  expect(repeat.statusCode).toBe(202);
  expect(repeat.headers['idempotent-replayed']).toBe('true');
  expect(repeat.json()).toEqual({ ...first.json(), state: 'done', result: { left: 'june' } });

  const other = await leave('july', { 'idempotency-key': 'rent-june' });
  expect(other.statusCode).toBe(422);
  expect(other.json().code).toBe('idempotency-conflict');
  expect(await api.effects()).toEqual(['june']);
});

test('each item of a batch is answered on its own, in its place', async () => {
  const answer = await api.send('POST', '/v1/jobs', {
    jobs: [
      { kind: 'mark.leave', key: 'b-1', payload: { name: 'one' } },
      { kind: 'mark.leave', key: 'b-2', payload: { name: '' } },
      { kind: 'mark.nothing', payload: {} },
      { kind: 'inside.only', payload: {} },
      'nonsense',
      { kind: 'mark.leave', key: 'b-1', payload: { name: 'one' } },
      { kind: 'mark.leave', key: 'b-1', payload: { name: 'two' } },
    ],
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
    'idempotency-conflict',
  ]);
  expect(jobs[1].errors[0].pointer).toBe('/jobs/1/payload/name');
  expect(jobs[5]).toMatchObject({ replayed: true, id: jobs[0].id });
});

test('what a caller may not do is refused before the body is looked at', async () => {
  const nobody = await api.send('POST', '/v1/jobs/mark.leave', '{', { authorization: '' });
  expect(nobody.statusCode).toBe(401);
  expect(nobody.headers['www-authenticate']).toContain('Bearer');
  const reader = await leave('nothing', { authorization: api.tokens.reader });
  expect(reader.statusCode).toBe(403);
  expect(reader.json()).toMatchObject({
    code: 'missing-scope',
    detail: expect.stringContaining('jobs:mark.leave'),
  });
});

test('jobs are listed newest first, a page at a time', async () => {
  for (const name of ['p-1', 'p-2', 'p-3']) await leave(name);
  const first = await api.send('GET', '/v1/jobs?kind=mark.leave&limit=2');
  expect(first.json().jobs.map((job: { key: string }) => job.key)).toEqual(['p-3', 'p-2']);
  const second = await api.send('GET', first.json().next);
  expect(second.json().jobs[0].key).toBe('p-1');
  const found = await api.send('GET', '/v1/jobs?key=p-2');
  expect(found.json()).toMatchObject({ jobs: [{ key: 'p-2' }], next: null });
});

test("another tenant's job is not there", async () => {
  const { id } = (await leave('ours')).json();
  const globex = { authorization: api.tokens.globex };
  expect((await api.send('GET', `/v1/jobs/${id}`, undefined, globex)).statusCode).toBe(404);
  expect((await api.send('POST', `/v1/jobs/${id}/cancel`, undefined, globex)).statusCode).toBe(404);
  expect((await api.send('GET', '/v1/jobs', undefined, globex)).json().jobs).toEqual([]);
});

test('a job that is not due yet can be cancelled, once', async () => {
  const run_at = new Date(Date.now() + 3_600_000).toISOString();
  const { id } = (
    await api.send('POST', '/v1/jobs/mark.leave', { payload: { name: 'later' }, run_at, priority: 7 })
  ).json();
  expect((await api.send('GET', `/v1/jobs/${id}`)).json()).toMatchObject({ run_at, priority: 7 });
  expect((await api.send('POST', `/v1/jobs/${id}/cancel`)).json().state).toBe('cancelled');
  const again = await api.send('POST', `/v1/jobs/${id}/cancel`);
  expect(again.json()).toMatchObject({ status: 409, code: 'illegal-transition' });
});

test('a dead job shows why, can be sent back to work, and dropped', async () => {
  const { id } = (await api.send('POST', '/v1/jobs/doomed.run', { payload: { name: 'd' } })).json();
  const dead = await api.send('GET', `/v1/jobs/${id}?wait=20s`);
  expect(dead.json()).toMatchObject({ state: 'dead', attempts: [{ word: 'refuse', code: 'doomed' }] });
  expect((await api.send('POST', `/v1/jobs/${id}/redrive`)).json().state).toBe('pending');
  const again = await api.send('GET', `/v1/jobs/${id}?wait=20s`);
  expect(again.json().attempts).toHaveLength(2);
  expect((await api.send('POST', `/v1/jobs/${id}/drop`)).json().state).toBe('cancelled');
});

test('jobs of a kind that is switched off wait, and go on when two people let them', async () => {
  const set = await api.send('PUT', '/v1/switches/mark.leave', { reason: 'ink is out' });
  expect(set.json()).toMatchObject({ kind: 'mark.leave', reason: 'ink is out', set_by: 'service:all' });
  expect((await api.send('GET', '/v1/switches')).json().switches).toHaveLength(1);
  const { id } = (await leave('patience')).json();
  const held = await api.send('GET', `/v1/jobs/${id}?wait=20s`);
  expect(held.json().state).toBe('held');
  const clear = await api.send('DELETE', '/v1/switches/mark.leave');
  expect(clear.statusCode).toBe(202);
  const { links, hash } = clear.json();
  const approver = { authorization: api.tokens.approver };
  expect((await api.send('POST', links.approve, { hash }, approver)).json().state).toBe('applied');
  expect((await api.send('DELETE', '/v1/switches/mark.leave')).statusCode).toBe(204);
  await api.rested({ ...held.json(), tenant: 'acme' });
  await expect.poll(async () => (await api.send('GET', `/v1/jobs/${id}?wait=1s`)).json().state).toBe('done');
  expect((await api.send('PUT', '/v1/switches/no.kind', { reason: 'x' })).json().code).toBe('unknown-kind');
});
