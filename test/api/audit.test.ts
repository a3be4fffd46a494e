import { pino } from 'pino';
import { afterAll, expect, test, vi } from 'vitest';
import { AuditBuffer } from '../../src/api/audit.ts';
import type { AuditRow } from '../../src/identity/audit.ts';
import { until } from '../support/until.ts';
import { testApi } from './support.ts';

const api = await testApi({
  config: { KIST_TRUSTED_PROXIES: '127.0.0.0/8', KIST_CREDIT_BACKLOG_MAX: 10_000 },
});
afterAll(() => api.close());

async function audited(request_id: string) {
  return until('the request is in the audit trail', async () => {
    const found = await api.database.superuser(
      `SELECT tenant_id, actor_kind, actor, host(client_ip) AS client_ip, action, subject, arguments, outcome,
              error_code, duration_ms::float8 AS duration_ms
       FROM audit WHERE request_id = $1`,
      [request_id],
    );
    return found.rows[0];
  });
}

test('a request leaves who, from where, what with, how long and how it ended', async () => {
  const body = { payload: { name: 'x' } };
  const headers = { 'x-forwarded-for': '6.6.6.6, 203.0.113.9', 'x-request-id': 'request-1' };
  const answer = await api.send('POST', '/v1/jobs/mark.leave', body, headers);
  expect(answer.headers['x-request-id']).toBe('request-1');
  expect(await audited('request-1')).toEqual({
    tenant_id: 'acme',
    actor_kind: 'service',
    actor: 'all',
    client_ip: '203.0.113.9',
    action: 'jobs.accept',
    subject: answer.json().id,
    arguments: expect.anything(),
    outcome: 'SUCCESS',
    error_code: null,
    duration_ms: expect.any(Number),
  });
});

test('what was refused is there too, with its code', async () => {
  const headers = { authorization: api.tokens.reader, 'x-request-id': 'request-2' };
  await api.send('PUT', '/v1/switches/mark.leave', { reason: 'x' }, headers);
  expect(await audited('request-2')).toMatchObject({
    actor: 'reader',
    action: 'switches.set',
    subject: 'mark.leave',
    outcome: 'FAILED',
    error_code: 'missing-scope',
  });
});

test('a batch is told by the number of its jobs', async () => {
  const jobs = [1, 2, 3].map((number) => ({ kind: 'mark.leave', payload: { name: `n-${number}` } }));
  await api.send('POST', '/v1/jobs', { jobs }, { 'x-request-id': 'request-3' });
  expect((await audited('request-3')).arguments).toEqual({ jobs: 3, kinds: { 'mark.leave': 3 } });
});

const row = (number: number) => ({ request_id: String(number) }) as AuditRow;
const quiet = pino({ level: 'silent' });

test('rows are written in batches, and again when the database could not take them', async () => {
  const written: AuditRow[] = [];
  const write = vi
    .fn<(rows: readonly AuditRow[]) => Promise<void>>()
    .mockRejectedValueOnce(new Error('away'))
    .mockImplementation(async (rows) => void written.push(...rows));
  const buffer = new AuditBuffer(write, quiet);
  for (let number = 0; number < 2_500; number += 1) buffer.add(row(number));
  await buffer.close();
  expect(written.map((each) => each.request_id)).toEqual(Array.from({ length: 2_500 }, (_, n) => String(n)));
  expect(write.mock.calls.length).toBeLessThan(7);
});

test('when no more rows can be kept, requests are turned away rather than forgotten', async () => {
  const buffer = new AuditBuffer(() => Promise.reject(new Error('away')), quiet);
  for (let number = 0; number < 20_000; number += 1) buffer.add(row(number));
  expect(() => buffer.assertRoom()).toThrow(expect.objectContaining({ code: 'overloaded' }));
  await buffer.close();
});
