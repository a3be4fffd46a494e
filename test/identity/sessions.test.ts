import { pino } from 'pino';
import { afterAll, expect, test } from 'vitest';
import { openPool } from '../../src/db/pools.ts';
import { listAudit } from '../../src/identity/audit.ts';
import { assertCsrfToken, assertSameOrigin } from '../../src/identity/csrf.ts';
import { createIdentity } from '../../src/identity/identity.ts';
import { addOperator, setPassword, setRole } from '../../src/identity/operators.ts';
import { hashPassword, verifyPassword } from '../../src/identity/password.ts';
import { actFor, can } from '../../src/identity/roles.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase(['acme', 'globex']);
const elsewhere = await openPool(database.url, { role: 'kist_app', connections_max: 2 });
afterAll(async () => {
  await elsewhere.end();
  await database.close();
});

const log = pino({ level: 'silent' });
const identity = createIdentity({ pool: database.app, log });
const another = createIdentity({ pool: elsewhere, log });
const origin = { ip: '203.0.113.7', user_agent: 'Firefox' };
const PASSWORD = 'correct horse battery';

let people = 0;
async function somebody(
  changes: { tenant?: string; role?: 'viewer' | 'operator' | 'approver' | 'admin' } = {},
) {
  people += 1;
  const person = { tenant: 'acme', role: 'operator' as const, ...changes };
  const email = `person${people}@example.com`;
  const id = await addOperator(database.app, {
    ...person,
    email,
    name: `Person ${people}`,
    password: PASSWORD,
  });
  const login = (password = PASSWORD) => identity.login(email, password, origin);
  return { ...person, id, email, login };
}
/** The codes that so many wrong guesses at once are answered with, in the order of the alphabet. */
async function guess(email: string, tries: number): Promise<string[]> {
  const guesses = Array.from({ length: tries }, () =>
    identity.login(email, 'not the password', origin).then(
      () => 'came in',
      (error: { code: string }) => error.code,
    ),
  );
  return (await Promise.all(guesses)).sort();
}
const noSession = expect.objectContaining({ code: 'no-session', status: 401 });
const wrongCredentials = expect.objectContaining({ code: 'wrong-credentials', status: 401 });

test('a password is kept as argon2id with what OWASP asks for, and checked', async () => {
  const hash = await hashPassword(PASSWORD);
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(await verifyPassword(PASSWORD, hash)).toBe(true);
  expect(await verifyPassword('correct horse', hash)).toBe(false);
  expect(await verifyPassword(PASSWORD, null)).toBe(false);
  await expect(hashPassword('short')).rejects.toThrow(/12 to 256/);
});

test('an operator logs in, is known on every process, and logs out', async () => {
  const person = await somebody({ role: 'approver' });
  const { token, session } = await person.login();
  expect(session.actor).toMatchObject({
    kind: 'operator',
    name: person.email,
    tenant: 'acme',
    role: 'approver',
  });
  expect(can(session.actor, 'loans:approve')).toBe(true);
  expect((await another.actorOfSession(token)).name).toBe(person.email);
  const kept = await database.superuser('SELECT session::text FROM session');
  expect(JSON.stringify(kept.rows)).not.toContain(token);
  await another.logout(token);
  await expect(identity.sessionOf(token)).rejects.toEqual(noSession);
});

test('logging out everywhere ends every session on every process at once', async () => {
  const person = await somebody();
  const bystander = await (await somebody()).login();
  const tokens = [(await person.login()).token, (await person.login()).token, (await person.login()).token];
  for (const token of tokens) await another.sessionOf(token);
  expect(await identity.logoutEverywhere('globex', person.id)).toBe(0);
  expect(await identity.logoutEverywhere('acme', person.id)).toBe(3);
  for (const token of tokens) {
    await expect(identity.sessionOf(token)).rejects.toEqual(noSession);
    await expect(another.sessionOf(token)).rejects.toEqual(noSession);
  }
  await another.sessionOf(bystander.token);
});

test('a locked operator is out at once and cannot come back until unlocked', async () => {
  const person = await somebody();
  const { token } = await person.login();
  expect(await another.lockOperator('acme', person.id)).toBe(true);
  await expect(identity.sessionOf(token)).rejects.toEqual(noSession);
  await expect(person.login()).rejects.toEqual(wrongCredentials);
  await another.unlockOperator('acme', person.id);
  await expect(identity.sessionOf(token)).rejects.toEqual(noSession);
  await person.login();
});

test('a new role counts from the next request; a new password ends every session', async () => {
  const person = await somebody({ role: 'admin' });
  const { token } = await person.login();
  await setRole(database.app, 'acme', person.id, 'viewer');
  expect(can(await another.actorOfSession(token), 'operators:write')).toBe(false);
  await setPassword(database.app, 'acme', person.id, 'another password');
  await expect(another.sessionOf(token)).rejects.toEqual(noSession);
  await person.login('another password');
});

test('a session ends after an hour unused, and after twelve hours whatever happens', async () => {
  const idle = await (await somebody()).login();
  const old = await (await somebody()).login();
  await database.superuser(`UPDATE session SET last_seen_at = now() - interval '59 minutes'`);
  await identity.sessionOf(idle.token);
  await identity.sessionOf(old.token);
  await database.superuser(
    `UPDATE session SET last_seen_at = now() - interval '61 minutes' WHERE operator_id = $1`,
    [idle.session.operator_id],
  );
  await database.superuser(`UPDATE session SET expires_at = now() WHERE operator_id = $1`, [
    old.session.operator_id,
  ]);
  await expect(identity.sessionOf(idle.token)).rejects.toEqual(noSession);
  await expect(identity.sessionOf(old.token)).rejects.toEqual(noSession);
});

test('tokens that are none are no sessions', async () => {
  for (const token of [undefined, '', 'x', "' OR true --", 'A'.repeat(43), '\0'.repeat(43)]) {
    await expect(identity.sessionOf(token)).rejects.toEqual(noSession);
  }
});

test('five wrong guesses are free, however many come at once; the next must wait', async () => {
  const person = await somebody();
  for (const email of [person.email, `stranger${people}-${Date.now()}@example.com`]) {
    expect(await guess(email, 5)).toEqual(Array(5).fill('wrong-credentials'));
    const { rows } = await database.superuser(
      `SELECT failures, blocked_until > last_at AS waits FROM login_throttle
        WHERE subject = sha256(convert_to($1, 'UTF8'))`,
      [email],
    );
    expect(rows).toEqual([{ failures: 5, waits: true }]);
  }
});

test('guessing is slowed down the same for addresses that exist and that do not, also in parallel', async () => {
  const person = await somebody();
  for (const email of [person.email, `nobody${people}-${Date.now()}@example.com`]) {
    await database.superuser(
      `INSERT INTO login_throttle VALUES (sha256(convert_to($1, 'UTF8')), 10, now(), '-infinity')`,
      [email],
    );
    const answers = await guess(email, 12);
    expect(answers).toEqual([...Array(11).fill('too-many-attempts'), 'wrong-credentials']);
  }
  const tooMany = expect.objectContaining({
    code: 'too-many-attempts',
    status: 429,
    retry_after_s: expect.any(Number),
  });
  await expect(person.login()).rejects.toEqual(tooMany);
  await database.superuser('UPDATE login_throttle SET blocked_until = now()');
  await person.login();
  const { rowCount } = await database.superuser(
    `SELECT 1 FROM login_throttle WHERE subject = sha256(convert_to($1, 'UTF8'))`,
    [person.email],
  );
  expect(rowCount).toBe(0);
});

test('every login leaves an audit row, whether or not it came in', async () => {
  const person = await somebody();
  await person.login();
  await expect(person.login('wrong password')).rejects.toEqual(wrongCredentials);
  await expect(identity.login('stranger@example.com', 'x', origin)).rejects.toEqual(wrongCredentials);
  const rows = await listAudit(database.app, 'acme', { actor: person.email, limit: 10 });
  expect(rows.map((row) => [row.action, row.outcome, row.error_code, row.client_ip])).toEqual([
    ['operator.login', 'FAILED', 'wrong-credentials', '203.0.113.7'],
    ['operator.login', 'SUCCESS', null, '203.0.113.7'],
  ]);
  const [stranger] = await listAudit(database.app, 'platform', { actor: 'unknown', limit: 1 });
  expect(stranger).toMatchObject({ action: 'operator.login', outcome: 'FAILED' });
});

test('the platform’s own people may act for every tenant, others for theirs only', async () => {
  const platform = (await (await somebody({ tenant: 'platform', role: 'viewer' })).login()).session.actor;
  expect(can(platform, 'board:read')).toBe(true);
  expect(can(platform, 'board:operate')).toBe(false);
  expect(actFor(platform, 'globex')).toMatchObject({ tenant: 'globex', role: 'viewer' });
  expect(actFor(actFor(platform, 'globex'), 'acme').tenant).toBe('acme');
  const admin = (await (await somebody({ role: 'admin' })).login()).session.actor;
  expect(can(admin, 'board:read')).toBe(false);
  expect(() => actFor(admin, 'globex')).toThrow(expect.objectContaining({ code: 'wrong-tenant' }));
  expect(() => actFor(admin, 'platform')).toThrow(expect.objectContaining({ code: 'wrong-tenant' }));
});

test('one e-mail address is one person, however it is typed', async () => {
  const person = await somebody();
  await identity.login(`  ${person.email.toUpperCase()} `, PASSWORD, origin);
  await expect(
    addOperator(database.app, {
      ...person,
      tenant: 'globex',
      name: 'Twin',
      email: person.email,
      password: PASSWORD,
    }),
  ).rejects.toThrow(/already/);
});

test('no more than twenty sessions a person; the oldest go first', async () => {
  const person = await somebody();
  const tokens: string[] = [];
  for (let login = 0; login < 22; login += 1) tokens.push((await person.login()).token);
  await expect(identity.sessionOf(tokens[1])).rejects.toEqual(noSession);
  await identity.sessionOf(tokens[2]);
  await identity.sessionOf(tokens[21]);
});

test('another site’s page cannot act with the browser’s session', async () => {
  const { token, session } = await (await somebody()).login();
  const crossSite = expect.objectContaining({ code: 'cross-site-request', status: 403 });
  const from =
    (headers: Record<string, string>, method = 'POST') =>
    () =>
      assertSameOrigin({ method, headers: { host: 'kist.example:7300', ...headers } }, [
        'https://console.example',
      ]);
  expect(from({ origin: 'https://kist.example:7300' })).not.toThrow();
  expect(from({ origin: 'https://console.example' })).not.toThrow();
  expect(from({ 'sec-fetch-site': 'same-origin' })).not.toThrow();
  expect(from({}, 'GET')).not.toThrow();
  for (const headers of [
    {},
    { origin: 'null' },
    { origin: 'https://evil.example' },
    { origin: 'https://kist.example:7300.evil.example' },
    { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'cross-site' },
  ]) {
    expect(from(headers as Record<string, string>)).toThrow(crossSite);
  }
  expect(() => assertCsrfToken('POST', token, session.csrf_token)).not.toThrow();
  expect(() => assertCsrfToken('GET', token, undefined)).not.toThrow();
  for (const given of [undefined, '', 'x', `${session.csrf_token.slice(0, -1)}!`]) {
    expect(() => assertCsrfToken('POST', token, given)).toThrow(crossSite);
  }
});
