import { expect, test } from 'vitest';
import { createFcm } from '../../../src/notifications/providers/fcm/fcm.ts';
import type { ProviderErrorKind } from '../../../src/notifications/providers/provider.ts';
import { closedPort, type Reply } from '../../support/answering.ts';
import { accountWith, firebase, NO_GUARD, SENT, token } from './firebase.ts';
import { html, LOST } from './lost-answers.ts';
import { failureOf, firstTry, messageBy, send } from './messages.ts';

const refusal = (status: string, errorCode?: string, more: object[] = []) => ({
  error: {
    ...{ code: 0, message: 'No', status },
    details: [
      ...more,
      ...(errorCode ? [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode }] : []),
    ],
  },
});
const violation = (field: string) => ({
  '@type': 'type.googleapis.com/google.rpc.BadRequest',
  fieldViolations: [{ field, description: 'Invalid registration token' }],
});

test('a push message goes out under our id on each platform, no longer than it is of use', async () => {
  const { connection, sent } = await firebase({});
  const { now } = firstTry();
  const message = messageBy('push', { deadline: new Date(now.getTime() + 90_500) });
  expect(await connection.send(message, firstTry())).toEqual({ provider_id: SENT.json.name });
  const [{ path, headers, body }] = sent as [(typeof sent)[0]];
  expect(path).toBe('/v1/projects/acme-loans/messages:send');
  expect(headers.authorization).toBe('Bearer token-1');
  const { id, address, content, deadline } = message;
  expect(JSON.parse(body)).toEqual({
    message: {
      token: address,
      notification: { title: content.title, body: content.body },
      data: { loan: 'L-1' },
      android: { collapse_key: id, notification: { tag: id }, ttl: '90s' },
      apns: {
        headers: { 'apns-collapse-id': id, 'apns-expiration': String(Math.floor(+deadline! / 1_000)) },
      },
      webpush: { notification: { tag: id }, headers: { TTL: '90' } },
    },
  });
});

test('without a deadline the platforms keep it as long as they do', async () => {
  const { connection, sent } = await firebase({});
  await send(connection, 'push');
  expect(sent[0]!.body).not.toMatch(/ttl|expiration/i);
});

const ANSWERS: [what: string, reply: Reply, kind: ProviderErrorKind, code: string, after_ms?: number][] = [
  ...LOST,
  [
    'an app that is gone',
    { status: 404, json: refusal('NOT_FOUND', 'UNREGISTERED') },
    'dead-address',
    'unregistered',
  ],
  ['a project that is not', { status: 404, json: refusal('NOT_FOUND') }, 'rejected', 'http-404'],
  [
    'a token that is none',
    { status: 400, json: refusal('INVALID_ARGUMENT', 'INVALID_ARGUMENT', [violation('message.token')]) },
    ...(['dead-address', 'invalid-token'] as const),
  ],
  [
    'a message that is wrong',
    { status: 400, json: refusal('INVALID_ARGUMENT', 'INVALID_ARGUMENT', [violation('message.data')]) },
    ...(['rejected', 'invalid-argument'] as const),
  ],
  ['a message too long', { status: 400, json: refusal('INVALID_ARGUMENT') }, 'rejected', 'invalid-argument'],
  [
    'another sender’s token',
    { status: 403, json: refusal('PERMISSION_DENIED', 'SENDER_ID_MISMATCH') },
    ...(['rejected', 'sender-id-mismatch'] as const),
  ],
  ['no permission', { status: 403, json: refusal('PERMISSION_DENIED') }, 'rejected', 'permission-denied'],
  [
    'too many',
    { status: 429, headers: { 'retry-after': '60' }, json: refusal('RESOURCE_EXHAUSTED', 'QUOTA_EXCEEDED') },
    ...(['again', 'rate-limited', 60_000] as const),
  ],
  [
    'away',
    { status: 503, headers: { 'retry-after': '9' }, json: refusal('UNAVAILABLE', 'UNAVAILABLE') },
    ...(['unknown', 'unavailable', 9_000] as const),
  ],
  ['trouble', { status: 500, json: refusal('INTERNAL', 'INTERNAL') }, 'unknown', 'internal'],
  ['trouble behind them', { status: 502, ...html }, 'unknown', 'unavailable'],
  [
    'nobody knows',
    { status: 400, json: refusal('UNKNOWN', 'UNSPECIFIED_ERROR') },
    'unknown',
    'unspecified-error',
  ],
  [
    'Apple does not take our key',
    { status: 401, json: refusal('UNAUTHENTICATED', 'THIRD_PARTY_AUTH_ERROR') },
    ...(['locked-out', 'third-party-auth-error'] as const),
  ],
  ['200 that nobody can read', { text: '{"name":' }, 'unknown', 'unreadable'],
];
test.each(ANSWERS)('%s', async (_, reply, kind, code, after_ms) => {
  const { connection, sent } = await firebase(
    { replies: [reply] },
    { timeout_ms: code === 'timeout' ? 200 : 5_000 },
  );
  const failure = await failureOf(send(connection, 'push'));
  expect(failure).toMatchObject({ kind, code: `fcm-${code}` });
  expect(failure.after_ms).toBe(after_ms);
  expect(sent, 'nothing is sent twice').toHaveLength(1);
});

test.each(['SENDER_ID_MISMATCH', 'PERMISSION_DENIED'])(
  'where every message gets %s it is not their tokens; one that goes through starts it anew',
  async (code) => {
    const forbidden = { status: 403, json: refusal('PERMISSION_DENIED', code) };
    const { connection } = await firebase({
      replies: [forbidden, forbidden, forbidden, forbidden, SENT, ...Array(5).fill(forbidden)],
    });
    const kinds = [];
    for (let each = 0; each < 10; each += 1) {
      kinds.push(
        await send(connection, 'push').then(
          () => 'sent',
          (failure) => failure.kind,
        ),
      );
    }
    const four = Array(4).fill('rejected');
    expect(kinds).toEqual([...four, 'sent', ...four, 'locked-out']);
  },
);

test('a token that is not taken is replaced once, and then somebody must look', async () => {
  const stale = { status: 401, json: refusal('UNAUTHENTICATED') };
  const tokens = [token('token-1'), token('token-2')];
  const healed = await firebase({ tokens, replies: [stale, SENT] });
  expect(await send(healed.connection, 'push')).toEqual({ provider_id: SENT.json.name });
  expect(healed.sent.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer token-1',
    'Bearer token-2',
  ]);
  const barred = await firebase({ tokens, replies: [stale] });
  const failure = await failureOf(send(barred.connection, 'push'));
  expect(failure).toMatchObject({ kind: 'locked-out', code: 'fcm-unauthenticated' });
  expect(barred.sent).toHaveLength(2);
});

test('where no connection came about, nothing was sent', async () => {
  const { connection } = await firebase({}, { url: `http://127.0.0.1:${await closedPort()}` });
  expect(await failureOf(send(connection, 'push'))).toMatchObject({ kind: 'again', code: 'fcm-unreachable' });
});

test('a service account that cannot sign is not taken, and nothing that is not needed is kept', () => {
  const { credentials, shown } = createFcm({
    ...{ url: 'https://fcm.googleapis.com', fetch, guard: NO_GUARD, timeout_ms: 1 },
  });
  const account = accountWith('https://oauth2.googleapis.com/token');
  for (const change of [
    { private_key: 'sesame' },
    { token_uri: 'file:///etc/passwd' },
    { type: 'authorized_user' },
  ]) {
    const { error } = credentials.safeParse({ ...account, ...change });
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual(Object.keys(change));
    expect(error?.message).not.toContain('sesame');
  }
  const kept = credentials.parse(account);
  expect(kept).not.toHaveProperty('client_id');
  expect(JSON.stringify(shown(kept))).not.toContain('PRIVATE');
});
