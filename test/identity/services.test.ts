import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { createIdentity } from '../../src/identity/identity.ts';
import { generateServiceKeys, parsePublicKeys } from '../../src/identity/keys.ts';
import { actFor, hasScope } from '../../src/identity/roles.ts';
import { addService, disableService } from '../../src/identity/services.ts';
import { signServiceToken } from '../../src/identity/sign.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase(['acme', 'globex']);
afterAll(() => database.close());

const log = pino({ level: 'silent' });
let now_ms = Date.now();
const identity = createIdentity({ pool: database.app, log, now_ms: () => now_ms });

const origination = generateServiceKeys();
await addService(database.app, {
  tenant: 'acme',
  name: 'origination',
  scopes: ['jobs:loan.*', 'loans:read'],
  public_key: origination.publicKey,
});

const claims = (changes: Record<string, unknown> = {}) => {
  const now_s = Math.floor(now_ms / 1_000);
  return { tenant: 'acme', sub: 'origination', aud: 'kist', exp: now_s + 60, ...changes };
};
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const refusalOf = (token: string | undefined) =>
  identity.authenticateService(token).then(
    () => 'let in',
    (error: { code: string; status: number }) => `${error.status} ${error.code}`,
  );

describe('a service with a token of its own', () => {
  test('comes in as itself, for its tenant, with its scopes', async () => {
    const token = await signServiceToken(origination.privateKey, { tenant: 'acme', service: 'origination' });
    const actor = await identity.authenticateService(`Bearer ${token}`);
    expect(actor).toMatchObject({ kind: 'service', name: 'origination', tenant: 'acme' });
    expect(hasScope(actor, 'jobs:loan.disburse')).toBe(true);
    expect(hasScope(actor, 'loans:read')).toBe(true);
    expect(hasScope(actor, 'jobs:wallet.transfer')).toBe(false);
    expect(hasScope(actor, 'loans:approve')).toBe(false);
    expect(() => actFor(actor, 'globex')).toThrow(
      expect.objectContaining({ code: 'wrong-tenant', status: 403 }),
    );
  });

  test('may make a token that can do less, never more', async () => {
    const token = await signServiceToken(origination.privateKey, {
      tenant: 'acme',
      service: 'origination',
      scopes: ['jobs:loan.disburse', 'jobs:wallet.transfer', 'jobs:*'],
    });
    const actor = await identity.authenticateService(token);
    expect([...actor.scopes]).toEqual(['jobs:loan.disburse']);
  });

  test('signs with RSA where it likes', async () => {
    const pair = generateKeyPairSync('rsa', {
      modulusLength: 2_048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    await addService(database.app, {
      tenant: 'acme',
      name: 'mobile',
      scopes: [],
      public_key: pair.publicKey,
    });
    const token = await signServiceToken(pair.privateKey, { tenant: 'acme', service: 'mobile' });
    expect(await refusalOf(token)).toBe('let in');
  });
});

describe('a token that is not right', () => {
  test.each([
    ['no token', undefined, '401 missing-token'],
    ['an empty one', 'Bearer ', '401 missing-token'],
    ['not a JWT', 'Bearer hello', '401 malformed-token'],
    ['another scheme', 'Basic YTpi', '401 malformed-token'],
    ['claims that are no JSON', `Bearer ${base64({ alg: 'EdDSA' })}.bm90IGpzb24.AAAA`, '401 malformed-token'],
    ['a token of 100 kB', `Bearer ${'a'.repeat(100_000)}.a.a`, '401 malformed-token'],
    ['alg none', `Bearer ${base64({ alg: 'none' })}.${base64(claims())}.`, '401 algorithm-not-allowed'],
    ['alg None', `Bearer ${base64({ alg: 'None' })}.${base64(claims())}.`, '401 algorithm-not-allowed'],
    ['no signature', `Bearer ${base64({ alg: 'EdDSA' })}.${base64(claims())}.`, '401 bad-signature'],
    [
      'a name that is no name',
      `Bearer ${base64({ alg: 'EdDSA' })}.${base64(claims({ sub: 'x\0' }))}.AAAA`,
      '401 malformed-token',
    ],
  ])('%s', async (_story, token, answer) => {
    expect(await refusalOf(token)).toBe(answer);
  });

  test('HS256 signed with the public key as the secret', async () => {
    const unsigned = `${base64({ alg: 'HS256', typ: 'JWT' })}.${base64(claims())}`;
    const signature = createHmac('sha256', origination.publicKey).update(unsigned).digest('base64url');
    expect(await refusalOf(`${unsigned}.${signature}`)).toBe('401 algorithm-not-allowed');
  });

  test('signed with a key that is not its own', async () => {
    const thief = generateServiceKeys();
    const token = await signServiceToken(thief.privateKey, { tenant: 'acme', service: 'origination' });
    expect(await refusalOf(token)).toBe('401 bad-signature');
  });

  test('claims changed after signing', async () => {
    const token = await signServiceToken(origination.privateKey, { tenant: 'acme', service: 'origination' });
    const [header, , signature] = token.split('.');
    expect(await refusalOf(`${header}.${base64(claims({ exp: 9_999_999_999 }))}.${signature}`)).toBe(
      '401 bad-signature',
    );
  });

  test('expired, also when it was let in before', async () => {
    const token = await signServiceToken(origination.privateKey, {
      tenant: 'acme',
      service: 'origination',
      ttl_s: 60,
    });
    expect(await refusalOf(token)).toBe('let in');
    now_ms += 70_000;
    onTestFinished(() => {
      now_ms = Date.now();
    });
    expect(await refusalOf(token)).toBe('401 expired-token');
  });

  test('living longer than a day', async () => {
    const token = await signServiceToken(origination.privateKey, {
      tenant: 'acme',
      service: 'origination',
      ttl_s: 30 * 86_400,
    });
    expect(await refusalOf(token)).toBe('401 token-lives-too-long');
  });

  test('meant for somebody else', async () => {
    const token = await signServiceToken(origination.privateKey, {
      tenant: 'acme',
      service: 'origination',
      audience: 'another-system',
    });
    expect(await refusalOf(token)).toBe('401 wrong-audience');
  });

  test('another tenant, in which there is no such service', async () => {
    const token = await signServiceToken(origination.privateKey, {
      tenant: 'globex',
      service: 'origination',
    });
    expect(await refusalOf(token)).toBe('401 unknown-service');
  });

  test('another tenant, in which a service of the same name has another key', async () => {
    await addService(database.app, {
      tenant: 'globex',
      name: 'origination',
      scopes: ['jobs:*'],
      public_key: generateServiceKeys().publicKey,
    });
    const token = await signServiceToken(origination.privateKey, {
      tenant: 'globex',
      service: 'origination',
    });
    expect(await refusalOf(token)).toBe('401 bad-signature');
  });
});

test('a disabled service is turned away within seconds, although its token was let in before', async () => {
  const keys = generateServiceKeys();
  await addService(database.app, { tenant: 'acme', name: 'gateway', scopes: [], public_key: keys.publicKey });
  const token = await signServiceToken(keys.privateKey, { tenant: 'acme', service: 'gateway' });
  expect(await refusalOf(token)).toBe('let in');
  expect(await disableService(database.app, 'acme', 'gateway')).toBe(true);
  now_ms += 2_000;
  expect(await refusalOf(token)).toBe('401 service-disabled');
  await disableService(database.app, 'acme', 'gateway', false);
  now_ms += 2_000;
  expect(await refusalOf(token)).toBe('let in');
});

test('a service that publishes its keys may change them without telling anybody', async () => {
  const [first, second] = [generateServiceKeys(), generateServiceKeys()];
  const published = (publicKey: string, kid: string) => ({
    keys: parsePublicKeys(publicKey).keys.map((key) => ({ ...key, kid })),
  });
  let answer: unknown = published(first.publicKey, 'one');
  const server = createServer((_request, response) => response.end(JSON.stringify(answer)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const { port } = server.address() as AddressInfo;
  const request = { tenant: 'acme', service: 'partner' };
  const jwks_url = `http://127.0.0.1:${port}/keys`;
  await addService(database.app, { tenant: 'acme', name: 'partner', scopes: [], jwks_url });
  expect(await refusalOf(await signServiceToken(first.privateKey, { ...request, kid: 'one' }))).toBe(
    'let in',
  );
  expect(await refusalOf(await signServiceToken(second.privateKey, { ...request, kid: 'two' }))).toBe(
    '401 bad-signature',
  );
  answer = published(second.publicKey, 'two');
  const moved = `http://127.0.0.1:${port}/keys?2`;
  await addService(database.app, { tenant: 'acme', name: 'partner', scopes: [], jwks_url: moved });
  now_ms += 2_000;
  expect(await refusalOf(await signServiceToken(second.privateKey, { ...request, kid: 'two' }))).toBe(
    'let in',
  );
});

test('a service with two keys, one about to replace the other, names the one it signs with', async () => {
  const [old, young] = [generateServiceKeys(), generateServiceKeys()];
  const keys = [old, young].map(({ publicKey }, index) => ({
    ...parsePublicKeys(publicKey).keys[0],
    kid: `key-${index}`,
  }));
  await addService(database.app, {
    tenant: 'acme',
    name: 'rotating',
    scopes: [],
    public_key: JSON.stringify({ keys }),
  });
  const request = { tenant: 'acme', service: 'rotating' };
  expect(await refusalOf(await signServiceToken(old.privateKey, { ...request, kid: 'key-0' }))).toBe(
    'let in',
  );
  expect(await refusalOf(await signServiceToken(young.privateKey, { ...request, kid: 'key-1' }))).toBe(
    'let in',
  );
  expect(await refusalOf(await signServiceToken(young.privateKey, { ...request, kid: 'key-0' }))).toBe(
    '401 bad-signature',
  );
  const unnamed = await signServiceToken(young.privateKey, request);
  await expect(identity.authenticateService(unnamed)).rejects.toThrow(/kid must name one/);
});

test('keys that cannot be fetched are nobody’s fault but the key server’s', async () => {
  await addService(database.app, {
    tenant: 'acme',
    name: 'away',
    scopes: [],
    jwks_url: 'http://127.0.0.1:9/keys',
  });
  const token = await signServiceToken(origination.privateKey, { tenant: 'acme', service: 'away' });
  expect(await refusalOf(token)).toBe('503 keys-unavailable');
});

describe('a service cannot be added with', () => {
  const add = (changes: object) =>
    addService(database.app, { tenant: 'acme', name: 'new', scopes: ['jobs:*'], ...changes });
  test.each([
    ['its private key', { public_key: origination.privateKey }, /private/],
    ['a shared secret', { public_key: '{"kty":"oct","k":"c2VjcmV0"}' }, /secret/],
    ['an unreadable key', { public_key: 'hello' }, /not a public key/],
    ['no key', {}, /either/],
    ['a JWKS over plain http', { jwks_url: 'http://example.com/keys' }, /https/],
    ['a strange scope', { public_key: origination.publicKey, scopes: ['everything'] }, /scope/],
    ['what only people may do', { public_key: origination.publicKey, scopes: ['board:operate'] }, /scope/],
    ['a strange name', { public_key: origination.publicKey, name: 'New Service' }, /name/],
  ])('%s', async (_story, changes, message) => {
    await expect(add(changes)).rejects.toThrow(message);
  });
});
