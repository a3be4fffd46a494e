import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testApi } from './support.ts';

const api = await testApi();
afterAll(() => api.close());

let port = 0;
beforeAll(async () => {
  port = Number(new URL(await api.app.listen({ port: 0, host: '127.0.0.1' })).port);
});

/** Sends octets as they are, and returns what comes back until the server hangs up. */
function speak(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'));
    socket.setEncoding('utf8').on('data', (chunk) => {
      heard += chunk;
    });
    socket.on('end', () => resolve(heard)).on('error', reject);
  });
}

const ask = (path: string, headers: string[] = [], method = 'GET', body = '') =>
  speak(
    `${[`${method} ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers].join('\r\n')}\r\n\r\n${body}`,
  );

test.each([
  ['no HTTP at all', () => speak('hello\r\n\r\n'), 400, 'malformed-request'],
  ['headers without end', () => ask('/v1/jobs', [`X-Long: ${'x'.repeat(20_000)}`]), 431, 'headers-too-large'],
  ['a path that cannot be decoded', () => ask('/v1/jobs/%zz'), 400, 'malformed-request'],
  ['a parameter without end', () => ask(`/v1/jobs/${'x'.repeat(501)}`), 414, 'uri-too-long'],
])('%s is answered with a problem', async (_, send, status, code) => {
  const answer = await send();
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer).toContain('application/problem+json');
  expect(answer).toContain(`"code":"${code}"`);
});

test('a key that is given twice is refused, for nobody chose the two joined', async () => {
  const body = JSON.stringify({ payload: { name: 'x' } });
  const answer = await ask(
    '/v1/jobs/mark.leave',
    [
      `Authorization: ${api.tokens.all}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      'Idempotency-Key: a',
      'Idempotency-Key: b',
    ],
    'POST',
    body,
  );
  expect(answer).toContain('"code":"invalid-key"');
});

test('answers carry security headers, and nothing that names the software', async () => {
  const answer = (await ask('/nowhere')).toLowerCase();
  expect(answer).toContain('x-content-type-options: nosniff');
  expect(answer).toContain('x-frame-options: sameorigin');
  expect(answer).not.toMatch(/x-powered-by|^server:|fastify/m);
});

test('a long poll ends when the server closes', async () => {
  const own = await testApi();
  const url = await own.app.listen({ port: 0, host: '127.0.0.1' });
  const run_at = new Date(Date.now() + 3_600_000).toISOString();
  const { id } = (await own.send('POST', '/v1/jobs/mark.leave', { payload: { name: 'x' }, run_at })).json();
  const headers = { authorization: own.tokens.all };
  const poll = fetch(`${url}/v1/jobs/${id}?wait=30s`, { headers }).then((answer) => answer.json());
  await fetch(`${url}/v1/jobs/${id}`, { headers });
  const closed = own.close();
  expect(await poll).toMatchObject({ state: 'pending' });
  await closed;
});
