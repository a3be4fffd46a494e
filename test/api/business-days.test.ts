import { verify } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { SteppedClock } from '../../src/calendar/clock.ts';
import type { Services } from '../../src/runtime/definition.ts';
import { testSealer } from '../ledger/books.ts';
import { until } from '../support/until.ts';
import { testApi } from './support.ts';

const clock = new SteppedClock(new Date('2026-12-18T17:40:00Z'));
const sealer = testSealer();
const api = await testApi({ workers: ['end-of-day'], clock, services: { sealer } as Services });
afterAll(() => api.close());

const close = (date: string) => api.send('POST', `/v1/business-days/${date}/close`);

test('a day is closed on request, its report can be verified, and asking again changes nothing', async () => {
  const accepted = await close('2026-12-18');
  expect(accepted.statusCode).toBe(202);
  expect(accepted.json()).toMatchObject({ kind: 'day.close' });
  const day = await until('it is closed', async () => {
    const found = (await api.send('GET', '/v1/business-days/2026-12-18')).json();
    return found.state === 'closed' ? found : undefined;
  });
  const signature = Buffer.from(day.signature, 'base64');
  expect(day.key_id).toBe(sealer.key_id);
  expect(verify(null, Buffer.from(day.report), sealer.public_key, signature)).toBe(true);
  expect(JSON.parse(day.report)).toMatchObject({ business_date: '2026-12-18', tenant: 'acme' });
  const again = await close('2026-12-18');
  const job = (await api.send('GET', `${again.json().links.self}?wait=20s`)).json();
  expect(job.result).toMatchObject({ outcome: 'begun-before' });
});

test('days are closed in their order, and none before it is over', async () => {
  expect((await close('2026-12-21')).json()).toMatchObject({ status: 409, code: 'day-not-over' });
  clock.moveTo(new Date('2026-12-23T17:40:00Z'));
  const early = (await close('2026-12-22')).json();
  expect(early).toMatchObject({ status: 409, code: 'not-next-day' });
  expect(early.detail).toBe('2026-12-21 is the next day to close, not 2026-12-22.');
  expect((await close('2026-12-21')).statusCode).toBe(202);
  await until('it is closed', async () => {
    const { state } = (await api.send('GET', '/v1/business-days/2026-12-21')).json();
    return state === 'closed';
  });
  const newest = (await api.send('GET', '/v1/business-days?limit=1')).json();
  expect(newest.business_days).toMatchObject([{ business_date: '2026-12-21', state: 'closed', chunks: 0 }]);
  const older = (await api.send('GET', newest.next)).json();
  expect(older).toMatchObject({ business_days: [{ business_date: '2026-12-18' }], next: null });
  expect((await api.send('GET', '/v1/business-days/2026-12-20')).json()).toMatchObject({ code: 'not-found' });
});

test('loans that were set aside are listed with the reason, a page at a time', async () => {
  await api.database.superuser(`
    INSERT INTO loan_set_aside (tenant_id, loan_id, business_date, code, message, since)
    SELECT 'acme', uuidv7(), '2026-12-17', 'KI011', 'there is no account', '2026-12-17T17:40:00Z'
    FROM generate_series(1, 3)`);
  const first = (await api.send('GET', '/v1/loans-set-aside?limit=2')).json();
  expect(first.loans).toMatchObject([{ code: 'KI011', business_date: '2026-12-17' }, { code: 'KI011' }]);
  const second = (await api.send('GET', first.next)).json();
  expect(second).toMatchObject({ loans: [{ message: 'there is no account' }], next: null });
});

test('who may not close days is told so', async () => {
  const reader = { authorization: api.tokens.reader };
  const answer = await api.send('POST', '/v1/business-days/2026-12-22/close', undefined, reader);
  expect(answer.json()).toMatchObject({ status: 403, code: 'missing-scope' });
  expect((await api.send('GET', '/v1/business-days', undefined, reader)).statusCode).toBe(403);
});
