import { afterAll, expect, test } from 'vitest';
import repay from '../../../jobs/loan.repay.ts';
import type { Heard } from '../../../src/events/listeners.ts';
import {
  addDevice,
  contactOf,
  forgetDevice,
  setContact,
} from '../../../src/notifications/notices/contacts.ts';
import { noticesOf, removeRule, setRule, switchNotices } from '../../../src/notifications/notices/rules.ts';
import { addVersion } from '../../../src/notifications/templates/rows.ts';
import { testDatabase } from '../../support/database.ts';
import { openTelling } from './borrowers.ts';

const database = await testDatabase();
afterAll(() => database.close());
const lender = await openTelling(database);
const MEERA = 'operator:meera';

async function eventsOf(loan: string): Promise<Heard[]> {
  const { rows } = await database.superuser(
    'SELECT id AS event, subject FROM event WHERE subject = $1 ORDER BY seq',
    [loan],
  );
  return rows;
}

test('until notices are switched on nobody is told anything, and nothing is written down', async () => {
  const { loan } = await lender.lend();
  expect(await lender.hear()).toEqual({ answers: [], messages: [] });
  expect(await eventsOf(loan)).toEqual([]);
});

test('told twice of one event, the messages are the same ones', async () => {
  await lender.switchOn();
  const { loan } = await lender.lend();
  const { messages } = await lender.hear();
  const before = lender.accepted.length;
  await lender.notice(await eventsOf(loan));
  const again = lender.accepted.slice(before).map(({ payload }) => payload as { notification: string });
  const disbursed = messages.filter(({ template }) => template === 'disbursed');
  expect(again.map(({ notification }) => notification)).toEqual(
    disbursed.map(({ notification }) => notification),
  );
});

test('who has no address by any channel is not reached, which is an answer and no failure', async () => {
  await lender.switchOn(['email', 'push']);
  await lender.lend({});
  const { answers, messages } = await lender.hear();
  expect(answers).toContainEqual({ outcome: 'nobody-reached', rules: ['disbursed'] });
  expect(messages).toEqual([]);
});

test('a borrower is written to in their language, and each of their devices gets its push', async () => {
  await lender.switchOn(['email', 'push']);
  const tokens = ['device-one-token', 'device-two-token'];
  const { borrower } = await lender.lend({
    ...{ email: 'ravi@example.in', locale: 'hi-IN', time_zone: 'Asia/Dubai', devices: tokens },
  });
  const messages = (await lender.hear()).messages.filter(({ template }) => template === 'disbursed');
  expect(messages.map(({ recipient }) => recipient.address)).toEqual([
    'ravi@example.in',
    ...tokens.toSorted(),
  ]);
  expect(messages[0]).toMatchObject({
    locale: 'hi-IN',
    recipient: { reference: borrower, time_zone: 'Asia/Dubai' },
  });
  expect(new Set(messages.map(({ kind, notification }) => `${kind} ${notification}`)).size).toBe(3);
});

test('a device belongs to whoever it was given for last, and a dead one is forgotten', async () => {
  const [one, other] = [await lender.lend({}), await lender.lend({ devices: ['shared-device-token'] })];
  await lender.run((tx) => addDevice(tx, one.borrower, 'shared-device-token', lender.clock.now()));
  const devices = async (borrower: string) =>
    (await lender.run((tx) => contactOf(tx, borrower))).devices.map(({ token }) => token);
  expect([await devices(one.borrower), await devices(other.borrower)]).toEqual([['shared-device-token'], []]);
  await lender.run((tx) => forgetDevice(tx, 'shared-device-token'));
  expect(await devices(one.borrower)).toEqual([]);
  await lender.hear();
});

test('a contact is said whole: what is left out is not known any more, but phone and devices stay', async () => {
  const { borrower } = await lender.lend({ email: 'old@example.in', devices: ['some-device-token'] });
  const contact = await lender.run((tx) => setContact(tx, borrower, { locale: 'hi-IN' }, lender.clock.now()));
  expect(contact).toMatchObject({ email: null, locale: 'hi-IN', phone: '+919845012345' });
  expect(contact.devices).toHaveLength(1);
  await lender.hear();
});

test('a rule that was changed, switched off or removed counts from the next event on', async () => {
  await lender.switchOn(['sms']);
  const { loan } = await lender.lend();
  await lender.hear();
  const of = (name: string) =>
    lender.run(async (tx) => (await noticesOf(tx)).rules.find((each) => each.name === name)!);
  const { name: _, moment: __, ...rule } = await of('payment-received');
  const pay = async (reference: string) => {
    await lender.work(repay, [{ loan, amount: '100', currency: 'INR', reference, source: 'collection' }]);
    return (await lender.hear()).messages.map(({ kind }) => kind);
  };
  await lender.run((tx) => setRule(tx, 'payment-received', { ...rule, channels: ['email'] }, MEERA));
  expect(await pay(`a-${loan}`)).toEqual(['notification.email']);
  await lender.run((tx) => setRule(tx, 'payment-received', { ...rule, enabled: false }, MEERA));
  expect(await pay(`b-${loan}`)).toEqual([]);
  await lender.run((tx) => removeRule(tx, 'payment-received'));
  await lender.switchOn();
  expect(await pay(`c-${loan}`)).toHaveLength(2);
  await lender.run((tx) => switchNotices(tx, { enabled: false }, MEERA));
  expect(await pay(`d-${loan}`)).toEqual([]);
});

test('a lender may tell of other events, by a template of its own or a built-in one that exists', async () => {
  const rule = {
    event_type: 'loan.opened',
    channels: ['sms' as const],
    category: 'transactional' as const,
    enabled: true,
  };
  const wish = (template: string) => lender.run((tx) => setRule(tx, 'welcome', { ...rule, template }, MEERA));
  await expect(wish('nothing-like-it')).rejects.toMatchObject({ code: 'unknown-template' });
  await lender.switchOn();
  const wording = {
    category: rule.category,
    parts: { sms: { text: 'Welcome {{ name }}, your loan is {{ loan }}.' } },
  };
  await lender.run((tx) => addVersion(tx, { name: 'welcome', locale: 'en-IN', wording, actor: MEERA }));
  await wish('welcome');
  const { reference } = await lender.lend();
  const { messages } = await lender.hear();
  expect(messages.find(({ template }) => template === 'welcome')).toMatchObject({
    ...{ kind: 'notification.sms', data: { name: 'Asha Rao', loan: reference } },
  });
});
