import { expect, test } from 'vitest';
import { createBrevo } from '../../../src/notifications/providers/brevo/brevo.ts';
import type { ProviderError } from '../../../src/notifications/providers/provider.ts';
import { answering, closedPort, type Reply } from '../../support/answering.ts';
import { html, LOST } from './lost-answers.ts';
import { failureOf, firstTry, messageBy, send } from './messages.ts';

const API_KEY = 'xkeysib-sesame-0123456789';
const ACCOUNT = { api_key: API_KEY, sender: { email: 'hello@acme.in', name: 'Acme Loans' } };

const provider = (url: string, timeout_ms = 5_000) => createBrevo({ url, fetch, timeout_ms });

async function brevo(replies: Reply[], timeout_ms?: number) {
  const { asked, url } = await answering(replies);
  return { asked, connection: provider(url, timeout_ms).connect(ACCOUNT) };
}

const refusal = (code: string, message = 'No') => ({ code, message });

test('a mail goes out whole, under its own key, and Brevo’s id comes back', async () => {
  const { asked, connection } = await brevo([{ status: 201, json: { messageId: '<202605.1@smtp-relay>' } }]);
  const message = messageBy('email', {
    attachments: [{ name: 'statement.pdf', type: 'application/pdf', content: Buffer.from('%PDF-1.7') }],
  });
  expect(await connection.send(message, firstTry())).toEqual({ provider_id: '<202605.1@smtp-relay>' });
  const [{ method, path, headers, body }] = asked as [(typeof asked)[0]];
  expect([method, path, headers['api-key']]).toEqual(['POST', '/v3/smtp/email', API_KEY]);
  expect(JSON.parse(body)).toEqual({
    sender: ACCOUNT.sender,
    to: [{ email: message.address, name: 'Asha Rao' }],
    subject: message.content.subject,
    textContent: message.content.text,
    htmlContent: expect.stringContaining('₹ 4,707.00 &#38; no more'),
    attachment: [{ name: 'statement.pdf', content: Buffer.from('%PDF-1.7').toString('base64') }],
    headers: { idempotencyKey: message.id },
    tags: [message.id],
  });
});

test('the same message is the same bytes on every try', async () => {
  const { asked, connection } = await brevo([{ status: 201, json: { messageIds: ['<a>', '<b>'] } }]);
  const message = messageBy('email', { name: null, content: { subject: 'S', text: 'T', html: '<b>T</b>' } });
  expect(await connection.send(message, firstTry())).toEqual({ provider_id: '<a>' });
  await connection.send(message, firstTry({ number: 2 }));
  expect(asked[0]!.body).toBe(asked[1]!.body);
  expect(JSON.parse(asked[0]!.body)).toMatchObject({
    to: [{ email: message.address }],
    htmlContent: '<b>T</b>',
  });
});

test.each(['duplicate_parameter', 'duplicate_request'])(
  '%s of our own key: it was taken earlier, under an id that nobody knows',
  async (code) => {
    const { connection } = await brevo([{ status: 400, json: refusal(code) }]);
    expect(await send(connection, 'email', { number: 2 })).toEqual({ provider_id: null });
  },
);

const ANSWERS: [what: string, reply: Reply, kind: ProviderError['kind'], code: string, after_ms?: number][] =
  [
    ...LOST,
    ['too late', { status: 408, json: refusal('x') }, 'unknown', 'unavailable'],
    ['trouble', { status: 500, json: refusal('x') }, 'unknown', 'unavailable'],
    ['trouble behind them', { status: 502, ...html }, 'unknown', 'unavailable'],
    [
      'away for a while',
      { status: 503, headers: { 'retry-after': '7' }, text: '' },
      'unknown',
      'unavailable',
      7_000,
    ],
    ['201 that nobody can read', { status: 201, text: '{"messageId":' }, 'unknown', 'unreadable'],
    ['201 without an id', { status: 201, json: {} }, 'unknown', 'unreadable'],
    [
      'too many',
      { status: 429, headers: { 'x-sib-ratelimit-reset': '12' }, text: '' },
      'again',
      'rate-limited',
      12_000,
    ],
    [
      'too many, for a day',
      { status: 429, headers: { 'x-sib-ratelimit-reset': '86400' }, text: '' },
      ...(['again', 'rate-limited', 3_600_000] as const),
    ],
    ['too many, unexplained', { status: 429, ...html }, 'again', 'rate-limited'],
    ['a wrong key', { status: 401, json: refusal('unauthorized') }, 'locked-out', 'unauthorized'],
    ['a firewall', { status: 403, ...html }, 'locked-out', 'http-403'],
    ['no credits', { status: 402, json: refusal('not_enough_credits') }, 'locked-out', 'not-enough-credits'],
    [
      'no credits, as 400',
      { status: 400, json: refusal('not_enough_credits') },
      'locked-out',
      'not-enough-credits',
    ],
    ['no permission', { status: 403, json: refusal('permission_denied') }, 'locked-out', 'permission-denied'],
    [
      'an account looked at',
      { status: 403, json: refusal('account_under_validation') },
      ...(['locked-out', 'account-under-validation'] as const),
    ],
    ['a wrong field', { status: 400, json: refusal('invalid_parameter') }, 'rejected', 'invalid-parameter'],
    ['a missing field', { status: 400, json: refusal('missing_parameter') }, 'rejected', 'missing-parameter'],
    ['out of range', { status: 400, json: refusal('out_of_range') }, 'rejected', 'out-of-range'],
    ['a bad request', { status: 400, json: refusal('bad_request') }, 'rejected', 'bad-request'],
    ['not found', { status: 404, json: refusal('document_not_found') }, 'rejected', 'document-not-found'],
    ['wrong method', { status: 405, json: refusal('method_not_allowed') }, 'rejected', 'method-not-allowed'],
    ['not acceptable', { status: 406, json: refusal('not_acceptable') }, 'rejected', 'not-acceptable'],
    [
      'unprocessable',
      { status: 422, json: refusal('unprocessable_entity') },
      'rejected',
      'unprocessable-entity',
    ],
    ['a code of tomorrow', { status: 400, json: refusal('moon_phase') }, 'rejected', 'http-400'],
    ['a refusal nobody can read', { status: 400, ...html }, 'rejected', 'http-400'],
  ];

test.each(ANSWERS)('%s', async (_, reply, kind, code, after_ms) => {
  const { asked, connection } = await brevo([reply], code === 'timeout' ? 100 : 5_000);
  const failure = await failureOf(send(connection, 'email'));
  expect(failure).toMatchObject({ name: 'ProviderError', kind, code: `brevo-${code}` });
  expect(failure.after_ms).toBe(after_ms);
  expect(asked, 'nothing is sent twice').toHaveLength(1);
});

test('where no connection came about, nothing was sent', async () => {
  const nowhere = provider(`http://127.0.0.1:${await closedPort()}`).connect(ACCOUNT);
  expect(await failureOf(send(nowhere, 'email'))).toMatchObject({ kind: 'again', code: 'brevo-unreachable' });
});

test('who gives up hears why he did', async () => {
  const giving = new AbortController();
  const reason = new Error('The lease is over.');
  const { connection } = await brevo([() => giving.abort(reason)]);
  expect(await failureOf(send(connection, 'email', { signal: giving.signal }))).toBe(reason);
});

test('no failure tells the key or the person, whatever Brevo repeats', async () => {
  const words = `Key ${API_KEY} is wrong; asha@example.in +91 98123 45678`;
  for (const status of [400, 401, 403, 500]) {
    const { connection } = await brevo([{ status, json: refusal('unauthorized', words) }]);
    const { message, stack, cause } = await failureOf(send(connection, 'email'));
    expect(cause).toBeUndefined();
    expect(`${message} ${stack}`).not.toMatch(/sesame|asha@|98123/);
  }
});
