import { expect, test } from 'vitest';
import { createGuard } from '../../../src/events/guard.ts';
import { createFcm } from '../../../src/notifications/providers/fcm/fcm.ts';
import type { ProviderErrorKind } from '../../../src/notifications/providers/provider.ts';
import { closedPort, type Reply } from '../../support/answering.ts';
import { until } from '../../support/until.ts';
import { firebase, PRIVATE_KEY, readAssertion, token } from './firebase.ts';
import { html, LOST } from './lost-answers.ts';
import { failureOf, send } from './messages.ts';

/** A clock that stands until it is moved. */
function clock() {
  let present_ms = Date.now();
  return {
    now_ms: () => present_ms,
    pass: (seconds: number) => {
      present_ms += seconds * 1_000;
    },
  };
}

test('a token is asked for by a JWT of the account, for the very address that it names', async () => {
  const { account, connection, asked_tokens } = await firebase({});
  await send(connection, 'push');
  const [{ path, body }] = asked_tokens as [(typeof asked_tokens)[0]];
  expect(path).toBe('/token');
  expect(new URLSearchParams(body).get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
  const { payload, protectedHeader } = await readAssertion(body, account.token_uri);
  expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' });
  expect(payload).toMatchObject({
    iss: account.client_email,
    scope: 'https://www.googleapis.com/auth/firebase.messaging',
    exp: payload.iat! + 3_600,
  });
});

test('those who send at once share one flight for a token', async () => {
  const { connection, sent, asked_tokens } = await firebase({});
  await Promise.all(Array.from({ length: 100 }, () => send(connection, 'push')));
  expect(sent).toHaveLength(100);
  expect(asked_tokens).toHaveLength(1);
});

test('a token is replaced early, while nobody waits, and is used until it is over', async () => {
  const { now_ms, pass } = clock();
  const tokens = [token('token-1'), { status: 500, text: '' }, token('token-2'), token('token-3')];
  const { connection, sent, asked_tokens } = await firebase({ tokens }, { now_ms });
  const used = async () => {
    await send(connection, 'push');
    return sent.at(-1)!.headers.authorization;
  };
  expect(await used()).toBe('Bearer token-1');
  pass(3_290);
  expect(await used()).toBe('Bearer token-1');
  expect(asked_tokens).toHaveLength(1);
  pass(20);
  expect(await used(), 'the one who gives out tokens is away').toBe('Bearer token-1');
  await until('the flight has failed', () => asked_tokens.length === 2);
  expect(await until('it is replaced', async () => (await used()) === 'Bearer token-2')).toBe(true);
  pass(3_600);
  expect(await used()).toBe('Bearer token-3');
});

const refusal = (error: string) => ({ error, error_description: 'Not today' });
const ANSWERS: [what: string, reply: Reply, kind: ProviderErrorKind, code: string, after_ms?: number][] = [
  ...LOST.map(([what, reply, , code]): (typeof ANSWERS)[0] => [what, reply, 'again', code]),
  ['a wrong key', { status: 400, json: refusal('invalid_grant') }, 'locked-out', 'invalid-grant'],
  ['a wrong scope', { status: 400, json: refusal('invalid_scope') }, 'locked-out', 'invalid-scope'],
  ['a wrong client', { status: 401, json: refusal('invalid_client') }, 'locked-out', 'invalid-client'],
  [
    'an unknown client',
    { status: 401, json: refusal('unauthorized_client') },
    'locked-out',
    'unauthorized-client',
  ],
  ['a wrong address', { status: 404, ...html }, 'locked-out', 'http-404'],
  ['too many', { status: 429, headers: { 'retry-after': '5' }, text: '' }, 'again', 'unavailable', 5_000],
  ['trouble', { status: 503, ...html }, 'again', 'unavailable'],
  ['200 that nobody can read', { text: '{"access_token":' }, 'again', 'unreadable'],
];
test.each(ANSWERS)('%s for a token: no message left', async (_, reply, kind, code, after_ms) => {
  const { connection, sent } = await firebase(
    { tokens: [reply] },
    { timeout_ms: code === 'timeout' ? 100 : 5_000 },
  );
  const failure = await failureOf(send(connection, 'push'));
  expect(failure).toMatchObject({ kind, code: `fcm-token-${code}` });
  expect(failure.after_ms).toBe(after_ms);
  expect(sent).toHaveLength(0);
});

test('a token is never asked for in our own network, by its number or by a name', async () => {
  const guard = createGuard({
    allow_private: false,
    resolve: async () => [{ address: '10.0.0.1', family: 4 }],
  });
  const { account, connection, asked_tokens } = await firebase({}, { guard });
  expect(await failureOf(send(connection, 'push'))).toMatchObject({
    ...{ kind: 'locked-out', code: 'fcm-token-forbidden-address' },
  });
  const provider = createFcm({ url: 'https://fcm.googleapis.com', fetch, timeout_ms: 5_000, guard });
  const named = provider.connect({ ...account, token_uri: 'https://oauth2.googleapis.com/token' });
  expect(await failureOf(send(named, 'push'))).toMatchObject({
    kind: 'again',
    code: 'fcm-token-unreachable',
  });
  expect(asked_tokens).toHaveLength(0);
});

test('a flight that failed is not remembered', async () => {
  const { connection } = await firebase({ tokens: [{ status: 503, text: '' }, token('token-1')] });
  await failureOf(send(connection, 'push'));
  await send(connection, 'push');
});

test('one who gives up does not take the flight from the others', async () => {
  const giving = new AbortController();
  const reason = new Error('The lease is over.');
  const held = Promise.withResolvers<void>();
  const slow: Reply = async (_, response) => {
    giving.abort(reason);
    await held.promise;
    response.end(JSON.stringify(token('token-1').json));
  };
  const { connection, asked_tokens } = await firebase({ tokens: [slow] });
  const patient = send(connection, 'push');
  expect(await failureOf(send(connection, 'push', { signal: giving.signal }))).toBe(reason);
  held.resolve();
  await patient;
  expect(asked_tokens).toHaveLength(1);
});

test('no failure tells the key, the JWT or the token', async () => {
  const words = `${PRIVATE_KEY} Bearer token-sesame-1234 kist@acme-loans.iam.gserviceaccount.com`;
  const refused = await firebase({
    tokens: [{ status: 400, json: { error: 'invalid_grant', error_description: words } }],
  });
  const barred = await firebase({
    tokens: [token('token-sesame-1234')],
    replies: [{ status: 403, json: { error: { status: 'PERMISSION_DENIED', message: words } } }],
  });
  const away = await firebase({}, { url: `http://127.0.0.1:${await closedPort()}` });
  for (const { connection } of [refused, barred, away]) {
    const { message, stack, cause } = await failureOf(send(connection, 'push'));
    expect(cause).toBeUndefined();
    expect(`${message} ${stack}`).not.toMatch(/PRIVATE|MII|sesame|kist@/);
  }
});
