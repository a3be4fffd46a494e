import { pino } from 'pino';
import { afterAll, expect, test } from 'vitest';
import { checkProof } from '../../src/notifications/proof/bundle.ts';
import { until } from '../support/until.ts';
import { testApi } from './support.ts';

const api = await testApi();
afterAll(() => api.close());
const ADDRESSES = '/v1/receipt-addresses';

test('an address is made, shown once, and never again', async () => {
  expect((await api.send('GET', ADDRESSES)).json()).toEqual({ addresses: [] });
  const made = await api.send('POST', `${ADDRESSES}/brevo`);
  expect(made.statusCode).toBe(201);
  const { path, ...shown } = made.json();
  expect(path).toMatch(/^\/v1\/receipts\/brevo\/acme\/[\w-]{43}$/);
  expect(shown).toMatchObject({
    provider: 'brevo',
    allowed: [],
    former_until: null,
    updated_by: 'service:all',
  });
  const again = (await api.send('POST', `${ADDRESSES}/brevo`)).json();
  expect(again.path).not.toBe(path);
  expect(again.former_until).not.toBeNull();
  const listed = await api.send('GET', ADDRESSES);
  expect(listed.json().addresses).toHaveLength(1);
  const secret = path.split('/').at(-1);
  expect(listed.body).not.toContain(secret);
  const { rows } = await api.database.superuser(
    `SELECT address::text || (SELECT coalesce(string_agg(audit::text, ''), '') FROM audit) AS text
     FROM notification_receipt_address AS address`,
  );
  expect(rows[0].text).not.toContain(secret);
});

test('no log and no answer shows the end of the path', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const logged = await testApi({ log });
  const secret = 'sesame-sesame-sesame';
  const answer = await logged.app.inject({ method: 'POST', url: `/v1/receipts/brevo/acme/${secret}?x=1` });
  expect(answer.json()).toMatchObject({ status: 404, instance: '/v1/receipts/brevo/acme/*' });
  await logged.app.inject({ method: 'POST', url: `/v1/%72eceipts/brevo/acme/${secret}` });
  await logged.close();
  expect(lines.join('')).toContain('/v1/receipts/brevo/acme/*');
  expect(lines.join('')).not.toContain('sesame');
});

test('who may tell something is said in addresses and blocks of them', async () => {
  await api.send('POST', `${ADDRESSES}/two-factor`);
  const url = `${ADDRESSES}/two-factor/allowed`;
  const set = await api.send('PUT', url, { allowed: ['198.51.100.0/24', '2001:db8::1'] });
  expect(set.json().allowed).toEqual(['198.51.100.0/24', '2001:db8::1']);
  const wrong = await api.send('PUT', url, { allowed: ['198.51.100.0/33', 'everybody'] });
  expect(wrong.json().errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
    '/allowed/0',
    '/allowed/1',
  ]);
  expect((await api.send('PUT', `${ADDRESSES}/pigeon/allowed`, { allowed: [] })).json().code).toBe(
    'unknown-provider',
  );
  expect((await api.send('DELETE', `${ADDRESSES}/two-factor`)).statusCode).toBe(204);
  expect((await api.send('DELETE', `${ADDRESSES}/two-factor`)).json().code).toBe('not-found');
});

test('the proof of a notification can be had before it is sent; the audit trail keeps its last hash', async () => {
  const wish = {
    type: 'SMS',
    recipient: { phone: '+919812345678' },
    content: { sms: { text: 'Due on Friday.' } },
  };
  const { id } = (await api.send('POST', '/v1/notifications', wish)).json();
  const answer = await api.send('GET', `/v1/notifications/${id}/proof`);
  expect(answer.statusCode).toBe(200);
  const proof = answer.json();
  expect(checkProof(proof)).toMatchObject({ ok: true, notification: id, parts: 1 });
  expect(proof.parts[0].body).toMatchObject({ channel: 'sms', accepted_by: 'service:all' });
  const row = await until('the audit row is written', async () => {
    const { rows } = await api.database.superuser('SELECT action, arguments FROM audit WHERE id = $1', [
      proof.audit,
    ]);
    return rows[0];
  });
  expect(row).toMatchObject({ action: 'notifications.proof', arguments: { sha256: proof.sha256 } });
  const nobody = '/v1/notifications/01997f3c-0000-7000-8000-000000000001/proof';
  expect((await api.send('GET', nobody)).json().code).toBe('not-found');
});
