import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { inTenant } from '../../src/db/transaction.ts';
import { switchNotices, turnRule } from '../../src/notifications/notices/rules.ts';
import { suppress } from '../../src/notifications/rules/suppression.ts';
import { mountNotifications } from '../../src/ops/notifications-page.ts';
import { databaseForThisTest, type TestDatabase, testDatabase } from '../support/database.ts';
import { people } from './board-fixture.ts';
import { noBrowser, openPage, picture } from './browser.ts';
import { plantHold, plantMessage } from './notifications-fixture.ts';

const database = await testDatabase(['acme', 'globex']);
afterAll(() => database.close());

function notificationsApp({ app: pool, carrier }: TestDatabase = database) {
  const app = fastify();
  mountNotifications(app, {
    sessionOf: async (request) => people[/who=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''] ?? null,
    carrierPool: carrier,
    pool,
  });
  onTestFinished(() => app.close());
  return app;
}

const look = async (at: TestDatabase = database) =>
  (await notificationsApp(at).inject({ url: '/console/notifications', headers: { cookie: 'who=vikram' } }))
    .body;

/** A row of a table with exactly these cells. */
const rowOf = (...cells: string[]) =>
  new RegExp(`<tr>${cells.map((cell) => `<td(?: class="number")?>${cell}</td>`).join('\\s*')}</tr>`);

test('where nothing was sent, the page says so', async () => {
  const body = await look();
  expect(body).toContain('lanes held 0, messages that wait in lanes 0, of unknown outcome 0');
  expect(body).toContain('Nothing was sent in the last day, and no lane is held.');
  expect(body).toMatch(rowOf('acme', 'off', '0', '0', '0', '0', '0', '0'));
  expect(body).not.toContain('<details>');
});

test('the page tells who is told of loans by which rules, and how many addresses are left alone', async () => {
  await inTenant(database.app, 'acme', async (tx) => {
    await switchNotices(tx, { enabled: true, channels: ['email', 'sms'] }, 'operator:ravi');
    await turnRule(tx, 'overdue', false, 'operator:ravi');
    const detail = null;
    const since = new Date();
    for (const address of ['asha@example.in', 'bina@example.in'])
      await suppress(tx, { channel: 'email', address, reason: 'bounced', detail, since });
    await suppress(tx, { channel: 'sms', address: '+919812345678', reason: 'opted-out', detail, since });
  });
  await inTenant(database.app, 'globex', async (tx) => {
    await switchNotices(tx, { enabled: true, channels: ['push'] }, 'operator:ravi');
    await switchNotices(tx, { enabled: false }, 'operator:ravi');
  });

  const body = await look();

  expect(body).toMatch(rowOf('acme', 'on', '13 of 14', '0', '2', '0', '1', '0'));
  expect(body).toMatch(rowOf('globex', 'off', '14', '0', '0', '0', '0', '0'));
  const [, acme, globex] = body.split('<details>');
  expect(acme).toContain('<summary>Rules of acme</summary>');
  expect(acme).toMatch(
    rowOf('overdue', 'loan.reminder-due, after-due', 'email, sms', 'overdue', 'reminder', 'disabled'),
  );
  expect(acme).toMatch(rowOf('closed', 'loan.closed', 'email, sms', 'closed', 'transactional', 'enabled'));
  expect(globex).toContain('<summary>Rules of globex, while notices are off</summary>');
  expect(globex).toMatch(rowOf('closed', 'loan.closed', 'push', 'closed', 'transactional', 'enabled'));
  for (const hidden of ['asha@', '12345678']) expect(body).not.toContain(hidden);
});

test('of many tenants the first hundred are shown, and that there are more', async () => {
  const tenants = Array.from({ length: 101 }, (_, index) => `lender-${String(index).padStart(3, '0')}`);
  const body = await look(await databaseForThisTest(tenants));
  expect(body).toContain('The first 100 of 101 tenants');
  expect(body).toContain('<td>lender-099</td>');
  expect(body).not.toContain('<td>lender-100</td>');
});

test('the page tells which lanes are held and what waits, what became of a day, and what failed', async () => {
  const acme = { tenant: 'acme', channel: 'email' } as const;
  for (const message of ['sent', 'delivered', 'delivered', 'bounced'] as const)
    await plantMessage(database, { ...acme, message });
  await plantMessage(database, { ...acme, message: 'delivered', ago: '25 hours' });
  await plantMessage(database, { ...acme, job: 'cancelled', code: 'no-longer-true' });
  const failure = { ...acme, job: 'dead', message: 'failed', code: 'brevo-refused' } as const;
  const failed = await plantMessage(database, { ...failure, attempts: ['again', 'rejected'] });
  await plantMessage(database, { ...acme, job: 'dead', code: 'template-<b>broken', ago: '3 days' });
  // Its tries were used up, and a receipt says that it arrived all the same.
  await plantMessage(database, {
    ...acme,
    job: 'dead',
    message: 'delivered',
    code: 'arrived',
    ago: '2 days',
  });
  const sms = { tenant: 'globex', channel: 'sms' } as const;
  await plantHold(database, { ...sms, code: 'two-factor-no-credits', message: 'No <i>credits</i> left.' });
  const held = { job: 'held', code: 'lane-held' } as const;
  await plantMessage(database, { ...sms, ...held, address: '+919812345678', ago: '3 hours' });
  await plantMessage(database, { ...sms, ...held, ago: '1 hour' });
  const lost = { job: 'pending', message: 'sending', attempts: ['unknown'], ago: '20 min' } as const;
  const unclear = await plantMessage(database, { ...sms, ...lost, address: '+919812345678' });

  const body = await look();

  expect(body).toContain('lanes held 1, messages that wait in lanes 2, of unknown outcome 1');
  const numbers = (...cells: string[]) =>
    cells.map(
      (cell) => `<td class="number${cell.startsWith('!') ? ' warn' : ''}">${cell.replace('!', '')}</td>`,
    );
  expect(body).toContain(`<tr><td>email</td>${numbers('4', '2', '!1', '!1', '1').join('')}`);
  expect(body).toMatch(
    /globex<\/td><td>sms<\/td><td><strong class="warn">held<\/strong> two-factor-no-credits/,
  );
  expect(body).toContain('since 2026-11-20 06:30Z by job:7, oldest message 3 h');
  expect(body).toMatch(/<td>acme<\/td><td>email<\/td><td>open<\/td>/);
  expect(body.indexOf('<td>globex')).toBeLessThan(body.indexOf('<td>acme'));
  expect(body).toMatch(
    new RegExp(
      `<td class="number">20 min</td>\\s*<td>brevo</td>.*will be asked again.*5678.*${unclear}`,
      's',
    ),
  );
  expect(body).toMatch(
    new RegExp(`<strong>brevo-refused</strong><br>brevo</td>\\s*<td class="number">2</td>.*${failed}`, 's'),
  );
  expect(body).toContain('template-&#60;b&#62;broken');
  for (const hidden of ['arrived', '<i>credits', 'asha.rao@example.in', '+919812345678', 'lane-held']) {
    expect(body).not.toContain(hidden);
  }
});

test('nobody else sees it', async () => {
  const app = notificationsApp();
  const anybody = await app.inject('/console/notifications');
  expect(anybody.headers.location).toBe('/login?next=%2Fconsole%2Fnotifications');
  const tom = await app.inject({ url: '/console/notifications', headers: { cookie: 'who=tom' } });
  expect(tom.statusCode).toBe(403);
});

test.skipIf(noBrowser)('it fits light, dark and narrow screens', async () => {
  const app = notificationsApp();
  await app.listen({ port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const view = await openPage();
  await view.context().addCookies([{ name: 'who', value: 'vikram', url: `http://127.0.0.1:${port}` }]);
  await view.goto(`http://127.0.0.1:${port}/console/notifications`);
  await view.setViewportSize({ width: 1_280, height: 1_600 });
  for (const rules of await view.locator('summary').all()) await rules.click();
  await picture(view, 'notifications-light');
  await view.emulateMedia({ colorScheme: 'dark' });
  await picture(view, 'notifications-dark');
  await view.setViewportSize({ width: 390, height: 844 });
  await picture(view, 'notifications-narrow');
  expect(await view.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
});
