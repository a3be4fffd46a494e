import { expect, test } from 'vitest';
import type { ProviderErrorKind } from '../../../src/notifications/providers/provider.ts';
import { createTwoFactor } from '../../../src/notifications/providers/two-factor/two-factor.ts';
import { answering, closedPort, type Reply } from '../../support/answering.ts';
import { html, LOST } from './lost-answers.ts';
import { failureOf, firstTry, messageBy, send } from './messages.ts';

const API_KEY = 'sesame-94ab-11ef/8b17';
const ACCOUNT = { api_key: API_KEY, sender_id: 'ACMELN', entity_id: '1101234567890123456' };

const provider = (url: string, timeout_ms = 5_000) =>
  createTwoFactor({ url, timeout_ms, fetchAs: () => fetch });

async function twoFactor(replies: Reply[], timeout_ms?: number) {
  const { asked, url } = await answering(replies);
  return { asked, connection: provider(url, timeout_ms).connect(ACCOUNT) };
}

const SESSION = 'b8a1c9d2-5b1e-11ef-8b17-0200cd936042';
const success = { Status: 'Success', Details: SESSION };
const error = (Details: string) => ({ Status: 'Error', Details });

test('a text goes out with what the operators know it by, and its session comes back', async () => {
  const { asked, connection } = await twoFactor([{ json: success }]);
  const message = messageBy('sms');
  expect(await connection.send(message, firstTry())).toEqual({ provider_id: SESSION });
  const [{ method, path, body }] = asked as [(typeof asked)[0]];
  expect([method, path]).toEqual(['POST', `/API/V1/${encodeURIComponent(API_KEY)}/ADDON_SERVICES/SEND/TSMS`]);
  expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
    ...{ From: 'ACMELN', To: '919812345678', Msg: message.content.text },
    ...{ peid: ACCOUNT.entity_id, ctid: message.content.dlt_template },
  });
});

test('a text that is registered under another header goes out by that', async () => {
  const { asked, connection } = await twoFactor([{ json: success }]);
  const message = messageBy('sms');
  await connection.send({ ...message, content: { ...message.content, sender: 'ACMEPL' } }, firstTry());
  expect(new URLSearchParams(asked[0]!.body).get('From')).toBe('ACMEPL');
});

test.each([200, 400, 500])('the body decides, not the status: success under %i', async (status) => {
  const { connection } = await twoFactor([{ status, json: success }]);
  expect(await send(connection, 'sms')).toEqual({ provider_id: SESSION });
});

const TEXTS: [words: string, kind: ProviderErrorKind, code: string][] = [
  ['Invalid API Key', 'locked-out', 'invalid-key'],
  ['Balance Too Low', 'locked-out', 'no-balance'],
  ['Insufficient credits', 'locked-out', 'no-balance'],
  ['Account Disabled, contact support', 'locked-out', 'account-closed'],
  ['Your account has expired', 'locked-out', 'account-closed'],
  ['Too many requests', 'again', 'rate-limited'],
  ['Sender ID not approved', 'rejected', 'sender-refused'],
  ['Template name mismatch', 'rejected', 'template-refused'],
  ['This template has expired', 'rejected', 'template-refused'],
  ['Content does not match', 'rejected', 'template-refused'],
  ['Message Too Long', 'rejected', 'text-too-long'],
  ['DLT-CNT-REJECT', 'rejected', 'dlt-refused'],
  ['PE-TM chain not mapped', 'rejected', 'dlt-refused'],
  ['Invalid Phone Number', 'rejected', 'number-refused'],
];
test.each(TEXTS)('“%s”, under 200 and under 400', async (words, kind, code) => {
  for (const status of [200, 400]) {
    const { connection } = await twoFactor([{ status, json: error(words) }]);
    expect(await failureOf(send(connection, 'sms'))).toMatchObject({ kind, code: `two-factor-${code}` });
  }
});

test('what nobody can read is tried once more, and its words are kept', async () => {
  const { connection } = await twoFactor([{ json: error('Moon in the wrong phase') }]);
  const first = await failureOf(send(connection, 'sms'));
  const second = await failureOf(send(connection, 'sms', { number: 2 }));
  expect([first.kind, second.kind]).toEqual(['again', 'rejected']);
  expect(second.code).toBe('two-factor-other-error');
  expect(second.message).toContain('Moon in the wrong phase');
});

const ANSWERS: [what: string, reply: Reply, kind: ProviderErrorKind, code: string, after_ms?: number][] = [
  ...LOST,
  ['trouble', { status: 500, ...html }, 'unknown', 'unavailable'],
  ['away', { status: 503, headers: { 'retry-after': '4' }, text: '' }, 'unknown', 'unavailable', 4_000],
  ['too late', { status: 408, text: '' }, 'unknown', 'unavailable'],
  ['a page under 200', html, 'unknown', 'unreadable'],
  ['a page under 403', { status: 403, ...html }, 'unknown', 'unreadable'],
  ['a status of tomorrow', { json: { Status: 'Queued' } }, 'unknown', 'unreadable'],
  ['too many', { status: 429, headers: { 'retry-after': '3' }, text: '' }, 'again', 'rate-limited', 3_000],
];
test.each(ANSWERS)('%s', async (_, reply, kind, code, after_ms) => {
  const { asked, connection } = await twoFactor([reply], code === 'timeout' ? 100 : 5_000);
  const failure = await failureOf(send(connection, 'sms'));
  expect(failure).toMatchObject({ kind, code: `two-factor-${code}` });
  expect(failure.after_ms).toBe(after_ms);
  expect(asked, 'nothing is sent twice').toHaveLength(1);
});

test('where no connection came about, nothing was sent', async () => {
  const nowhere = provider(`http://127.0.0.1:${await closedPort()}`).connect(ACCOUNT);
  expect(await failureOf(send(nowhere, 'sms'))).toMatchObject({
    kind: 'again',
    code: 'two-factor-unreachable',
  });
});

test('the key, which stands in the address, is in no failure, and neither is the number', async () => {
  const words = `Moon: ${API_KEY} ${encodeURIComponent(API_KEY)} 919812345678 +91 98123 45678`;
  const replies: Reply[] = [
    { json: error(words) },
    { status: 500, text: words },
    { text: words },
    (request) => request.socket.destroy(),
  ];
  for (const reply of replies) {
    const { connection } = await twoFactor([reply]);
    const { message, stack, cause } = await failureOf(send(connection, 'sms'));
    expect(cause).toBeUndefined();
    expect(`${message} ${stack}`).not.toMatch(/sesame|98123/);
  }
});
