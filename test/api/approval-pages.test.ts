import { afterAll, beforeAll, expect, test } from 'vitest';
import { addOperator } from '../../src/identity/operators.ts';
import { noBrowser, openPage, picture } from '../ops/browser.ts';
import { PASSWORD, testApi } from './support.ts';

const api = await testApi();
afterAll(() => api.close());

let url = '';
beforeAll(async () => {
  const person = { tenant: 'acme', password: PASSWORD };
  await addOperator(api.database.app, { ...person, email: 'lata@acme.in', name: 'Lata', role: 'approver' });
  await addOperator(api.database.app, { ...person, email: 'tom@acme.in', name: 'Tom', role: 'viewer' });
  url = await api.app.listen({ port: 0, host: '127.0.0.1' });
});

const own = { origin: 'http://localhost', host: 'localhost' };
async function login(email: string): Promise<string> {
  const answer = await api.app.inject({
    ...{
      method: 'POST',
      url: '/login',
      payload: new URLSearchParams({ email, password: PASSWORD }).toString(),
    },
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...own },
  });
  return String([answer.headers['set-cookie']].flat()[0]).split(';')[0]!;
}

const page = (cookie: string, path: string) => api.app.inject({ url: path, headers: { cookie } });

/** Presses a button of the form on the page: sends what its hidden fields say, but for the changes. */
async function press(cookie: string, path: string, verdict: string, changes: Record<string, string> = {}) {
  const { body } = await page(cookie, path);
  const hidden = [...body.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)];
  const fields = {
    reason: '',
    ...Object.fromEntries(hidden.map(([, name, value]) => [name, value])),
    verdict,
  };
  return api.app.inject({
    ...{ method: 'POST', url: path, payload: new URLSearchParams({ ...fields, ...changes }).toString() },
    headers: { 'content-type': 'application/x-www-form-urlencoded', cookie, ...own },
  });
}

async function proposed(hours: number, by = api.tokens.all): Promise<string> {
  const body = {
    action: 'policy.change',
    request: { set: { expires_after_hours: hours } },
    reason: 'Longer <b>weekends</b>.',
  };
  const answer = await api.send('POST', '/v1/approvals', body, { authorization: by });
  return `/console/approvals/${answer.json().id}`;
}

test('nobody is led to the login; an operator sees what waits, as text', async () => {
  const path = await proposed(100);
  const nobody = await api.app.inject({ url: path });
  expect(nobody).toMatchObject({ statusCode: 303 });
  expect(nobody.headers.location).toBe(`/login?next=${encodeURIComponent(path)}`);

  const tom = await login('tom@acme.in');
  const list = await page(tom, '/console/approvals');
  expect(list.statusCode).toBe(200);
  expect(list.body).toContain('Change the policy of approvals: expires_after_hours 100.');
  const shown = await page(tom, path);
  expect(shown.body).toContain('&#34;expires_after_hours&#34;: 100');
  expect(shown.body).toMatch(/SHA-256<\/th><td>[0-9a-f]{64}</);
  expect(shown.body).not.toMatch(/<b>|<script|<button/);
  expect(shown.headers['content-security-policy']).toContain("default-src 'none'");
  expect((await page(tom, `${path.slice(0, -2)}zz`)).statusCode).toBe(404);
});

test('an approver decides with a button; the trail says who', async () => {
  const path = await proposed(101);
  const asha = await login('asha@acme.in');
  const done = await press(asha, path, 'approve', { reason: 'Agreed.' });
  expect(done).toMatchObject({ statusCode: 303 });
  const shown = await page(asha, String(done.headers.location));
  expect(shown.body).toContain('approve by operator:asha@acme.in');
  expect(shown.body).not.toContain('<button');
  await expect
    .poll(async () => {
      const text = "SELECT actor, action, subject FROM audit WHERE action = 'approvals.vote-page'";
      return (await api.database.superuser(text)).rows;
    })
    .toEqual([{ actor: 'asha@acme.in', action: 'approvals.vote-page', subject: path.split('/').at(-1) }]);
});

test('a button of another page, of another payload or of a person who may not does nothing', async () => {
  const path = await proposed(102);
  const asha = await login('asha@acme.in');
  expect((await press(asha, path, 'approve', { csrf_token: 'guessed' })).statusCode).toBe(403);
  const other = await press(asha, path, 'approve', { hash: '0'.repeat(64) });
  expect(other.statusCode).toBe(409);
  expect(other.body).toContain('role="alert"');
  // Lata's role approves loans, not policies.
  const lata = await login('lata@acme.in');
  expect((await page(lata, path)).body).not.toContain('<button');
  const { csrf_token } = (await page(lata, '/v1/session')).json();
  const [, hash = ''] = /SHA-256<\/th><td>([0-9a-f]{64})/.exec((await page(lata, path)).body) ?? [];
  const hers = await press(lata, path, 'approve', { csrf_token, hash, tenant: 'acme' });
  expect(hers.statusCode).toBe(403);
  expect(hers.body).toContain('policy:approve');
  expect((await press(asha, path, 'burn')).statusCode).toBe(400);
  expect((await page(asha, path)).body).toContain('<td>proposed</td>');
});

test('people of the platform act for the tenant they mean; those of a tenant for their own', async () => {
  await proposed(103);
  const nils = await login('nils@kist.example');
  expect((await page(nils, '/console/approvals')).body).toContain('Approvals of platform');
  const acme = await page(nils, '/console/approvals?tenant=acme');
  expect(acme.body).toContain('Approvals of acme');
  expect(acme.body).toContain('Change the policy of approvals');
  const asha = await login('asha@acme.in');
  expect((await page(asha, '/console/approvals?tenant=globex')).statusCode).toBe(403);
});

test.skipIf(noBrowser)('in a browser: from the login to the decision, without a script', async () => {
  const path = await proposed(104);
  const browser = await openPage();
  const complaints: string[] = [];
  browser.on('console', (line) => complaints.push(line.text()));
  await browser.goto(`${url}${path}`);
  await browser.fill('input[name=email]', 'asha@acme.in');
  await browser.fill('input[name=password]', PASSWORD);
  await browser.click('button');
  await browser.getByText('Exactly what is proposed').waitFor();
  await picture(browser, 'approval');
  await browser.fill('input[name=reason]', 'Agreed.');
  await browser.click('text="Approve"');
  await browser.getByText('approve by operator:asha@acme.in').waitFor();
  await browser.click('text="All approvals"');
  await browser.getByText('Decided').waitFor();
  await picture(browser, 'approvals');
  expect(complaints).toEqual([]);
});
