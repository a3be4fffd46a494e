import { afterAll, beforeAll, expect, test } from 'vitest';
import { noBrowser, openPage, picture } from '../ops/browser.ts';
import { until } from '../support/until.ts';
import { PASSWORD, testApi } from './support.ts';

const SCROLL_PIXELS = 100;

const api = await testApi();
afterAll(() => api.close());

let url = '';
beforeAll(async () => {
  url = await api.app.listen({ port: 0, host: '127.0.0.1' });
});

test.skipIf(noBrowser)('a person logs in and out in a browser', async () => {
  const page = await openPage();
  await page.goto(`${url}/login?next=/`);
  await page.fill('input[name=email]', 'asha@acme.in');
  await page.fill('input[name=password]', 'not the password');
  await page.click('button');
  expect(await page.textContent('[role=alert]')).toBeTruthy();
  await picture(page, 'login');

  await page.fill('input[name=password]', PASSWORD);
  await page.click('button');
  await page.waitForURL(`${url}/`);
  expect(await page.textContent('h1')).toBe('Asha');
  await picture(page, 'home');

  await page.click('text="Log out"');
  await page.waitForURL(`${url}/login`);
  await page.goto(`${url}/`);
  expect(page.url()).toBe(`${url}/login`);
});

test.skipIf(noBrowser)('the document can be read by people, with nothing from elsewhere', async () => {
  const page = await openPage();
  const elsewhere: string[] = [];
  const refused: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) elsewhere.push(request.url());
  });
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) refused.push(message.text());
  });
  await page.goto(`${url}/docs`);
  await page.waitForSelector('[data-path="/v1/jobs/credit.check"]');
  // The page draws what is in sight, and no more.
  await until('a later job is in sight', async () => {
    await page.mouse.wheel(0, SCROLL_PIXELS);
    return page.isVisible('[data-path="/v1/jobs/wallet.transfer"]');
  });
  await picture(page, 'docs');
  await page.goto(`${url}/docs/errors#idempotency-conflict`);
  expect(await page.textContent('section:target')).toContain('422');
  expect({ elsewhere, refused }).toEqual({ elsewhere: [], refused: [] });
});
