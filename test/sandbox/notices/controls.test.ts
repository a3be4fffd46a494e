import { expect, test } from 'vitest';
import { ALL_NOTICE_FAULTS, NOTICE_FAULTS } from '../../../src/sandbox/notices/faults.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { scratchFile } from '../gateway/a-gateway.ts';
import { type Customer, failureOf, KEY, MAIL, openCustomer, openReceiver } from './a-customer.ts';

const control = (customer: Customer) => (method: string, path: string, body?: object) =>
  customer.ask(`/sandbox/notices${path}`, {
    method,
    ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
  });

test('over HTTP: faults, accounts, devices, receipts, and the truth', async () => {
  const [customer, receiver] = [await openCustomer(), await openReceiver()];
  const ask = control(customer);
  expect((await ask('GET', '/faults')).body).toEqual(NOTICE_FAULTS);
  await ask('PUT', '/webhook', { sender: 'brevo', url: receiver.url, events: ['request'] });
  await ask('POST', '/faults', [{ fault: 'error-500', subject: 'acme' }]);
  expect((await customer.mail()).status).toBe(500);
  expect((await customer.mail()).status).toBe(201);
  expect((await ask('POST', '/tick', {})).body).toEqual({ tried: 1 });
  expect((await ask('GET', '/delivered?channel=email')).body).toMatchObject([{ subject: MAIL.subject }]);
  expect((await ask('GET', '/accepted?to=nobody')).body).toEqual([]);
  expect((await ask('GET', '/counts')).body.email).toEqual({ accepted: 1, arrived: 1, again: 0 });
  expect((await ask('GET', '/log')).body).toMatchObject([{ fault: 'error-500' }, { status: 201 }]);
  expect((await ask('GET', '/deliveries')).body).toMatchObject([{ event: 'request', status: 200 }]);

  await ask('POST', '/accounts', { id: 'globex', credits: 0 });
  await ask('PUT', '/accounts/globex', { brevo_key: 'xkeysib-other' });
  expect((await customer.mail({}, 'xkeysib-other')).status).toBe(402);
  const accounts = (await ask('GET', '/accounts')).body;
  expect(accounts.map(({ id }: { id: string }) => id)).toEqual(['acme', 'globex']);
  expect(JSON.stringify(accounts)).not.toContain('xkeysib');
  const account = (await ask('GET', '/service-account?account=acme')).body;
  expect((await customer.token(account)).status).toBe(200);
  await ask('POST', '/uninstall', { token: 'device-of-asha' });
});

test.each([
  ['POST', '/faults', { fault: 'bad-weather', subject: '*' }],
  ['POST', '/accounts', { id: 'acme' }],
  ['PUT', '/accounts/nobody', { credits: 1 }],
  ['PUT', '/webhook', { sender: 'fcm', url: null }],
  ['POST', '/uninstall', {}],
])('%s %s with %j is answered with 400', async (method, path, body) => {
  const customer = await openCustomer();
  const answer = await control(customer)(method, path, body);
  expect(answer).toMatchObject({ status: 400, body: { error: { description: expect.any(String) } } });
});

/** What becomes of six mails to each of twenty people, sent in some order. */
async function fates(seed: number, order: (people: string[]) => string[]): Promise<Map<string, unknown>> {
  const customer = await openCustomer({ seed, faults: ALL_NOTICE_FAULTS, hang_ms: 1 });
  const people = Array.from({ length: 20 }, (_, index) => `person-${index}@mail.example`);
  const found = new Map<string, unknown>();
  for (const email of order(people)) {
    const results: unknown[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      results.push(
        await customer.mail({ to: [{ email }] }).then(
          ({ status }) => status,
          () => 'lost',
        ),
      );
    }
    const arrived = customer.notices.accepted({ to: email }).map(({ fate }) => fate);
    found.set(email, { results, arrived });
  }
  return found;
}

test('the same seed brings the same faults to everybody, in whatever order they come', async () => {
  const forth = await fates(7, (people) => people);
  const back = await fates(7, (people) => people.toReversed());
  for (const [person, fate] of forth) expect(back.get(person)).toEqual(fate);
  const another = await fates(8, (people) => people);
  expect([...another.values()]).not.toEqual([...forth.values()]);
  expect(JSON.stringify([...forth.values()])).toMatch(/lost|500|503/);
});

test('one lender’s account is failing, the others’ are not', async () => {
  const rates = { unavailable: 1_000 };
  const faults = { failures_in_row_max: 1_000 };
  const accounts = [{ id: 'acme', rates }, { id: 'globex' }];
  const customer = await openCustomer({ faults, accounts });
  const statuses = async (id: string) => {
    const { brevo_key } = customer.notices.account(id);
    const answers = Array.from({ length: 20 }, () => customer.mail({}, brevo_key));
    return new Set((await Promise.all(answers)).map(({ status }) => status));
  };
  expect(await statuses('acme')).toEqual(new Set([503]));
  expect(await statuses('globex')).toEqual(new Set([201]));
});

test('no more failures in a row than allowed', async () => {
  const customer = await openCustomer({ faults: { rates: { 'error-500': 1_000 }, failures_in_row_max: 2 } });
  const statuses: number[] = [];
  for (let turn = 0; turn < 6; turn += 1) statuses.push((await customer.mail()).status);
  expect(statuses).toEqual([500, 500, 201, 500, 500, 201]);
});

test('a restart forgets nothing that matters', async () => {
  const file = await scratchFile();
  const before = await openCustomer({ file });
  const account = before.notices.serviceAccount();
  before.notices.script({ fault: 'hard-bounce', subject: 'vikram@mail.example' });
  await before.mail({ headers: { idempotencyKey: KEY } });
  await before.mail({ to: [{ email: 'vikram@mail.example' }] });
  before.notices.uninstall('device-of-asha');
  before.notices.script({ fault: 'refused', subject: 'later@mail.example' });
  await before.stop();

  const after = await openCustomer({ file });
  expect((await after.mail({ headers: { idempotencyKey: KEY } })).body.code).toBe('duplicate_parameter');
  await after.mail({ to: [{ email: 'vikram@mail.example' }] });
  expect(after.notices.accepted().map(({ fate }) => fate)).toEqual([null, 'hard-bounce', 'blocked']);
  expect((await after.push()).status).toBe(404);
  expect((await after.mail({ to: [{ email: 'later@mail.example' }] })).status).toBe(400);
  // The same key: a lender that was given it goes on with it.
  expect(after.notices.serviceAccount().private_key_id).toBe(account.private_key_id);
});

test('only the last so many are kept', async () => {
  const customer = await openCustomer({ notices_max: 3 });
  for (let turn = 1; turn <= 5; turn += 1) await customer.sms({ Msg: `Text ${turn}` });
  expect(customer.notices.accepted()).toMatchObject([
    { text: 'Text 3' },
    { text: 'Text 4' },
    { text: 'Text 5' },
  ]);
  expect(customer.notices.counts().sms.accepted).toBe(5);
});

test('answers take as long as they are told to', async () => {
  const customer = await openCustomer({ delay_ms: 120 });
  const { smtp } = customer;
  for (const call of [() => customer.mail(), () => customer.sms(), () => smtp.call(customer)]) {
    const begun = performance.now();
    await call();
    expect(performance.now() - begun).toBeGreaterThan(115);
  }
});

test('who moves the gateway’s clock moves theirs, and the receipts come', async () => {
  const receiver = await openReceiver();
  const sandbox = await startSandbox({ port: 0, gateway: { tick_ms: 0 }, notices: { tick_ms: 0 } });
  try {
    sandbox.notices.setWebhook('brevo', { url: receiver.url, events: ['delivered'] });
    await fetch(`${sandbox.url}/v3/smtp/email`, {
      method: 'POST',
      headers: { 'api-key': sandbox.notices.account().brevo_key, 'content-type': 'application/json' },
      body: JSON.stringify(MAIL),
    });
    await sandbox.gateway.advanceTo(new Date(Date.now() + 3_600_000));
    expect(receiver.received).toHaveLength(1);
    expect(sandbox.notices.now().getTime()).toBeGreaterThan(Date.now() + 3_500_000);
  } finally {
    await sandbox.stop();
  }
});

test('who is told of a fault there is not, says so', async () => {
  const customer = await openCustomer();
  expect(() => customer.notices.script({ fault: 'bad-weather' as never, subject: '*' })).toThrow(
    'There is no fault bad-weather.',
  );
  expect(() => customer.notices.account('nobody')).toThrow('There is no account nobody.');
  customer.notices.addAccount({ id: 'globex' });
  expect(() => customer.notices.account()).toThrow('Say which account.');
  expect(
    await failureOf(Promise.resolve().then(() => customer.notices.addAccount({ id: 'globex' }))),
  ).toMatchObject({
    message: 'There is an account with this id already.',
  });
});
