import { describe, expect, test } from 'vitest';
import { verifyWebhook } from '../../src/client/index.ts';
import { newSecret, secretText, signatureHeaders } from '../../src/events/signature.ts';

/** The specification's own example. */
const SPEC = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  headers: {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  body: '{"test": 2432232314}',
  at: new Date(1_614_265_330_000),
};

test('what Kist signs is what the specification signs, and the client takes it', async () => {
  const message = { id: SPEC.headers['webhook-id'], timestamp_s: 1_614_265_330, body: SPEC.body };
  const secret = Buffer.from(SPEC.secret.slice('whsec_'.length), 'base64');
  expect(signatureHeaders(message, [secret])).toEqual(SPEC.headers);
  expect(await verifyWebhook(SPEC.headers, SPEC.body, SPEC.secret, SPEC.at)).toEqual({ test: 2432232314 });
});

test('it takes the headers and the body as fetch and as Node give them', async () => {
  const bytes = new TextEncoder().encode(SPEC.body);
  await verifyWebhook(new Headers(SPEC.headers), bytes, SPEC.secret, SPEC.at);
  await verifyWebhook({ host: 'shop.example', ...SPEC.headers }, bytes, [SPEC.secret], SPEC.at);
});

test('while a secret is rotated, whoever has the old or the new one takes what both signed', async () => {
  const [before, after, other] = [newSecret(), newSecret(), newSecret()];
  const message = {
    id: 'msg_1',
    timestamp_s: Math.floor(Date.now() / 1_000),
    body: '{"type":"loan.closed"}',
  };
  const headers = signatureHeaders(message, [after!, before!]);
  for (const secret of [before!, after!]) {
    expect(await verifyWebhook(headers, message.body, secretText(secret))).toEqual({ type: 'loan.closed' });
  }
  await verifyWebhook(headers, message.body, [secretText(other!), secretText(before!)]);
  const foreign = verifyWebhook(headers, message.body, secretText(other!));
  await expect(foreign).rejects.toMatchObject({ code: 'bad-webhook-signature' });
});

describe('it refuses', () => {
  const refused = (given: Partial<typeof SPEC>) => {
    const { headers, body, secret, at } = { ...SPEC, ...given };
    return expect(verifyWebhook(headers, body, secret, at)).rejects;
  };
  const signature = (text: string) => ({ headers: { ...SPEC.headers, 'webhook-signature': text } });

  test('a body, an id or a time that was changed', async () => {
    await refused({ body: '{"test": 2432232315}' }).toMatchObject({ code: 'bad-webhook-signature' });
    const id = { ...SPEC.headers, 'webhook-id': 'msg_other' };
    await refused({ headers: id }).toMatchObject({ code: 'bad-webhook-signature' });
    const time = { ...SPEC.headers, 'webhook-timestamp': '1614265331' };
    await refused({ headers: time }).toMatchObject({ code: 'bad-webhook-signature' });
  });

  test.each(['', 'v1,', 'v1,!!!', 'v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=', 'v1,AAAA'])(
    'the signature %j',
    async (text) => {
      await refused(signature(text)).toMatchObject({ code: 'bad-webhook-signature' });
    },
  );

  test.each([-301, 301])('one that was signed %i seconds from now', async (seconds) => {
    const at = new Date(SPEC.at.getTime() + seconds * 1_000);
    await refused({ at }).toMatchObject({ code: 'stale-webhook' });
  });

  test('one without a time that can be read', async () => {
    const headers = { ...SPEC.headers, 'webhook-timestamp': 'soon' };
    await refused({ headers }).toMatchObject({ code: 'stale-webhook' });
  });
});
