import { afterAll, expect, test } from 'vitest';
import { businessDate } from '../../src/calendar/business-date.ts';
import { addHolidays, addTenant, calendarOf, listTenants } from '../../src/identity/tenants.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase([]);
afterAll(() => database.close());

test('a tenant is added once, with the place and money it works in', async () => {
  expect(await addTenant(database.app, { tenant: 'acme', name: 'Acme Finance' })).toBe(true);
  expect(await addTenant(database.app, { tenant: 'acme', name: 'Somebody else' })).toBe(false);
  const globex = { tenant: 'globex', name: 'Globex', time_zone: 'Europe/Berlin', currency: 'EUR' };
  expect(await addTenant(database.app, globex)).toBe(true);
  expect(await listTenants(database.app)).toMatchObject([
    { tenant: 'acme', name: 'Acme Finance', time_zone: 'Asia/Kolkata', currency: 'INR' },
    globex,
  ]);
});

test.each([
  [{ tenant: 'Acme' }, 'tenant'],
  [{ tenant: 'platform' }, 'tenant'],
  [{ tenant: '*' }, 'tenant'],
  [{ name: '' }, 'name'],
  [{ time_zone: 'Mars/Olympus' }, 'time_zone'],
  [{ currency: 'rupees' }, 'currency'],
])('a tenant cannot be %o', async (changes, field) => {
  const given = { tenant: 'initech', name: 'Initech', ...changes };
  await expect(addTenant(database.app, given)).rejects.toMatchObject({ issues: [{ path: [field] }] });
});

test('a tenant’s holidays are days without business for that tenant alone', async () => {
  const republic_day = { on_date: '2026-01-26', name: 'Republic Day' };
  expect(await addHolidays(database.app, 'acme', [republic_day])).toBe(1);
  expect(await addHolidays(database.app, 'acme', [republic_day])).toBe(0);
  const morning = new Date('2026-01-26T06:00:00Z');
  expect(businessDate(morning, await calendarOf(database.app, 'acme'))).toBe('2026-01-23');
  expect(businessDate(morning, await calendarOf(database.app, 'globex'))).toBe('2026-01-26');
  await expect(addHolidays(database.app, 'acme', [{ on_date: '2026-02-30', name: 'x' }])).rejects.toThrow();
  await expect(calendarOf(database.app, 'nobody')).rejects.toThrow();
});
