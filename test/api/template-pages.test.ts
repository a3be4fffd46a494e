import { afterAll, beforeAll, expect, test } from 'vitest';
import { noBrowser, openPage, picture } from '../ops/browser.ts';
import { PASSWORD, testApi } from './support.ts';

const api = await testApi();
afterAll(() => api.close());

const TEST_MS_MAX = 60_000;
const PATH = '/console/templates';
const OWN = {
  category: 'transactional',
  parts: { sms: { text: 'Dear {{ name }}, <b>thank you</b>.' } },
  variables: { name: { example: 'Ravi' } },
};
let url = '';
beforeAll(async () => {
  await api.send('PUT', '/v1/templates/thanks/en-IN', OWN);
  url = await api.app.listen({ port: 0, host: '127.0.0.1' });
});

const own = { origin: 'http://localhost', host: 'localhost' };
const form = { 'content-type': 'application/x-www-form-urlencoded', ...own };
async function login(email: string): Promise<string> {
  const payload = new URLSearchParams({ email, password: PASSWORD }).toString();
  const answer = await api.app.inject({ method: 'POST', url: '/login', payload, headers: form });
  return String([answer.headers['set-cookie']].flat()[0]).split(';')[0]!;
}
const look = (cookie: string, query = '') => api.app.inject({ url: `${PATH}${query}`, headers: { cookie } });

test('nobody is led to the login; an operator sees every template, the tenant’s own as well', async () => {
  expect((await api.app.inject(PATH)).headers.location).toBe('/login?next=%2Fconsole%2Ftemplates');
  const asha = await login('asha@acme.in');
  const { body, headers } = await look(asha, '?template=thanks');
  for (const text of [
    'Templates of acme',
    'reminder-before-due',
    'own, version 1',
    'Dear Ravi, &#60;b&#62;thank you',
  ]) {
    expect(body).toContain(text);
  }
  expect(body).toContain('1 segment of GSM-7');
  expect(body).not.toMatch(/<script|<b>/);
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect((await look(asha, '?tenant=globex')).statusCode).toBe(403);
});

test('people of the platform look at any tenant’s', async () => {
  const nils = await login('nils@kist.example');
  expect((await look(nils, '?tenant=acme&template=thanks')).body).toContain('Dear Ravi');
  expect((await look(nils, '?tenant=globex&template=thanks')).body).not.toContain('Dear Ravi');
});

test('what a push message tells the app is shown beneath it', async () => {
  const { body } = await look(await login('asha@acme.in'), '?template=due&channel=push');
  expect(body).toContain('The app is told: link = https://sahyadri.example/p/20481');
});

test('whatever is asked for, the page says something', async () => {
  const asha = await login('asha@acme.in');
  for (const query of [
    '?template=nothing',
    '?locale=zz-ZZ',
    '?channel=fax',
    '?template=%00',
    '?template=thanks&channel=push',
  ]) {
    expect((await look(asha, query)).statusCode).toBe(200);
  }
  expect((await look(asha, '?template=thanks&channel=push')).body).toContain('no wording for push');
});

test('a mail is framed without any rights, and its data are told where they are wrong', async () => {
  const asha = await login('asha@acme.in');
  const page = await look(asha, '?template=due&channel=email');
  expect(page.body).toContain('<iframe sandbox title=');
  const csrf_token = /name="csrf_token" value="([^"]+)"/.exec(page.body)![1]!;
  const send = (fields: Record<string, string>, headers = {}) =>
    api.app.inject({
      ...{ method: 'POST', url: PATH, headers: { ...form, cookie: asha, ...headers } },
      payload: new URLSearchParams({
        csrf_token,
        tenant: 'acme',
        template: 'due',
        channel: 'sms',
        ...fields,
      }).toString(),
    });
  expect((await send({ data: '{"name":"<i>Meera</i>"}' })).body).toContain('is needed by the template due');
  expect((await send({ data: 'no json' })).body).toContain('no JSON object');
  const thanks = await send({ template: 'thanks', data: '{"name":"<i>Meera</i>"}' });
  expect(thanks.body).toContain('Dear &#60;i&#62;Meera&#60;/i&#62;');
  expect((await send({ data: '{}', csrf_token: 'other' })).statusCode).toBe(403);
  expect((await send({ data: '{}' }, { origin: 'https://elsewhere.example' })).statusCode).toBe(403);
});

const LOOKS = [
  ['light', 1_280],
  ['dark', 1_280],
  ['light', 390],
] as const;

test.skipIf(noBrowser)(
  'in a browser, light, dark and narrow: mail and text as they are read',
  async () => {
    const page = await openPage();
    const wrong: string[] = [];
    page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
    page.on('request', (request) => request.url().startsWith(url) || wrong.push(request.url()));
    await page.goto(`${url}${PATH}`);
    await page.getByLabel('E-mail').fill('asha@acme.in');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button').click();
    const mail = page.frameLocator('iframe');
    const choose = async (label: string, option: string) => {
      await page.getByLabel(label).selectOption(option);
      await page.getByRole('button', { name: 'Show', exact: true }).click();
    };
    for (const [colorScheme, width] of LOOKS) {
      await page.setViewportSize({ width, height: 1_100 });
      await page.emulateMedia({ colorScheme });
      await page.goto(`${url}${PATH}`);
      await choose('Template', 'overdue');
      await mail.getByRole('heading', { name: 'Your instalment has not reached us yet' }).waitFor();
      await picture(page, `templates-${colorScheme}-${width}-email`);
      // Its styles are its own: the policy of the page lets them through.
      const size = 'getComputedStyle(document.querySelector("h1")).fontSize';
      expect(await page.frames()[1]!.evaluate(size)).toBe('21px');
      await choose('Locale', 'hi-IN');
      await mail.getByRole('heading', { name: 'आपकी किस्त हमें अभी तक नहीं मिली है' }).waitFor();
      await choose('Channel', 'sms');
      await page.getByText('3 segments of UCS-2').waitFor();
      await page.getByText('Data it is filled with').click();
      await picture(page, `templates-${colorScheme}-${width}-sms`);
      expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
    }
    expect(wrong).toEqual([]);
  },
  TEST_MS_MAX,
);
