import { afterAll, expect, test } from 'vitest';
import { PASSWORD, testApi } from './support.ts';

const api = await testApi();
afterAll(() => api.close());

const own = { origin: 'http://localhost', host: 'localhost' };
const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();
const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  api.app.inject({
    method: 'POST',
    url,
    payload: body,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...own, ...headers },
  });

async function login(next?: string, email = 'asha@acme.in') {
  const fields = { email, password: PASSWORD, ...(next ? { next } : {}) };
  const answer = await post('/login', form(fields));
  const [cookie = ''] = [answer.headers['set-cookie']].flat() as string[];
  return { answer, cookie, session: cookie.split(';')[0]! };
}

const whoAmI = (cookie: string, headers: Record<string, string> = {}) =>
  api.app.inject({ url: '/v1/session', headers: { cookie, ...headers } });

test('the login page needs no script and nothing from elsewhere', async () => {
  const page = await api.app.inject({ url: '/login?next=/board/queue/payouts-dead' });
  expect(page.statusCode).toBe(200);
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  expect(page.body).toContain('value="/board/queue/payouts-dead"');
  expect(page.body).not.toMatch(/<script|https?:\/\//);
});

test('a login leads on to the board, with a cookie that no script can read', async () => {
  const { answer, cookie, session } = await login();
  expect(answer.statusCode).toBe(303);
  expect(answer.headers.location).toBe('/board');
  expect(cookie).toMatch(/^kist_session=[^;]+;.*HttpOnly.*SameSite=Strict/);
  expect((await whoAmI(session)).json()).toMatchObject({
    name: 'asha@acme.in',
    tenant: 'acme',
    role: 'admin',
  });
  expect((await api.app.inject({ url: '/', headers: { cookie: session } })).body).toContain('Asha');
});

test.each(['https://evil.example', '//evil.example', '/\\evil.example', 'board', '/a b'])(
  'a login never leads to %s',
  async (next) => {
    expect((await login(next)).answer.headers.location).toBe('/board');
  },
);

test('a wrong password says no more than that, and keeps what was typed out of the page as code', async () => {
  const answer = await post('/login', form({ email: '"><script>', password: 'wrong wrong wrong' }));
  expect(answer.statusCode).toBe(401);
  expect(answer.body).not.toContain('<script>');
  expect(answer.headers['set-cookie']).toBeUndefined();
  for (const fields of [{ email: 'x' }, { email: 'a\0b', password: 'p' }]) {
    expect((await post('/login', form(fields))).statusCode).toBe(400);
  }
});

test('a login from another site is refused', async () => {
  const fields = form({ email: 'asha@acme.in', password: PASSWORD });
  const answer = await post('/login', fields, { origin: 'https://evil.example' });
  expect(answer.json().code).toBe('cross-site-request');
});

test('a person with a session acts only from our own pages, with the token of the session', async () => {
  const { session } = await login();
  const { csrf_token } = (await whoAmI(session)).json();
  const stop = (headers: Record<string, string>) =>
    api.app.inject({
      method: 'PUT',
      url: '/v1/switches/mark.leave',
      payload: { reason: 'ink is out' },
      headers: { cookie: session, ...headers },
    });
  expect((await stop(own)).json().code).toBe('cross-site-request');
  expect((await stop({ 'x-csrf-token': csrf_token })).json().code).toBe('cross-site-request');
  const evil = { ...own, origin: 'https://evil.example' };
  expect((await stop({ ...evil, 'x-csrf-token': csrf_token })).json().code).toBe('cross-site-request');
  expect((await stop({ ...own, 'x-csrf-token': csrf_token })).json()).toMatchObject({
    set_by: 'operator:asha@acme.in',
  });
});

test('logging out ends this session, logging out everywhere ends all', async () => {
  const [first, second, third] = [await login(), await login(), await login()];
  const out = await post('/logout', '', { cookie: first.session });
  expect(out.headers.location).toBe('/login');
  expect(out.headers['set-cookie']).toMatch(/^kist_session=;/);
  expect((await whoAmI(first.session)).json()).toMatchObject({ status: 401, code: 'no-session' });
  expect((await whoAmI(second.session)).statusCode).toBe(200);
  await post('/logout-everywhere', '', { cookie: second.session });
  for (const { session } of [second, third]) expect((await whoAmI(session)).statusCode).toBe(401);
  expect((await api.app.inject({ url: '/' })).headers.location).toBe('/login');
});

test('a tenant of its own is all an operator may act for', async () => {
  const { session } = await login();
  const answer = await whoAmI(session, { 'kist-tenant': 'globex' });
  expect(answer.json()).toMatchObject({ status: 403, code: 'wrong-tenant' });
});

test('an operator of the platform acts for the tenant named, if there is one', async () => {
  const { session } = await login(undefined, 'nils@kist.example');
  expect((await whoAmI(session)).json().tenant).toBe('platform');
  const { id } = (await api.send('POST', '/v1/jobs/mark.leave', { payload: { name: 'x' } })).json();
  const show = (tenant: string) =>
    api.app.inject({ url: `/v1/jobs/${id}`, headers: { cookie: session, 'kist-tenant': tenant } });
  expect((await show('acme')).json().id).toBe(id);
  expect((await show('globex')).statusCode).toBe(404);
  expect((await show('nobody')).json().detail).toBe('There is no such tenant.');
});
