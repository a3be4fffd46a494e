import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { ASHA, failureOf, openCustomer } from './a-customer.ts';

test('a mail lies before its person as it was written', async () => {
  const customer = await openCustomer();
  const { response } = await customer.smtp({
    ...{ to: `Asha Rao <${ASHA}>`, subject: 'देय ₹500', html: '<p>Due <b>₹500</b></p>', text: 'Due ₹500' },
    ...{ messageId: '<note-1@acme.example>', replyTo: 'care@acme.example' },
    attachments: [
      { filename: 'statement.pdf', content: Buffer.from('%PDF'), contentType: 'application/pdf' },
    ],
  });
  const [mail] = customer.notices.delivered();
  expect(mail).toMatchObject({
    ...{ provider: 'smtp', account: 'acme', to: ASHA, name: 'Asha Rao', subject: 'देय ₹500' },
    ...{ text: 'Due ₹500', html: '<p>Due <b>₹500</b></p>', reference: '<note-1@acme.example>' },
    ...{ from: { email: 'loans@acme.example', name: 'Acme Loans' }, reply_to: 'care@acme.example' },
    files: [{ name: 'statement.pdf', type: 'application/pdf', bytes: 4 }],
  });
  expect(response).toContain(`queued as ${mail!.provider_id}`);
});

test('a mail of the same Message-ID that comes again is seen to be one', async () => {
  const customer = await openCustomer();
  const mail = { messageId: '<note-1@acme.example>' };
  customer.notices.script({ fault: 'smtp-commit-then-cut', subject: '<note-1@acme.example>' });
  await failureOf(customer.smtp(mail));
  await customer.smtp(mail);
  expect(customer.notices.delivered().map(({ copy }) => copy)).toEqual([1, 2]);
  expect(customer.notices.counts().email).toEqual({ accepted: 2, arrived: 2, again: 1 });
});

test.each([
  ['smtp-421', 421],
  ['smtp-535', 535],
  ['smtp-454', 454],
  ['smtp-450', 450],
  ['smtp-550', 550],
  ['smtp-451', 451],
  ['smtp-552', 552],
  ['smtp-554', 554],
] as const)('%s: %i, and the next one goes through', async (fault, code) => {
  const customer = await openCustomer();
  customer.notices.script({ fault, subject: '*' });
  expect(await failureOf(customer.smtp())).toMatchObject({ responseCode: code });
  expect(customer.notices.accepted()).toEqual([]);
  await customer.smtp();
  expect(customer.notices.delivered()).toHaveLength(1);
  expect(customer.notices.log().map((call) => [call.fault, call.status])).toEqual([
    [fault, code],
    [null, 250],
  ]);
});

test('one of three is refused, the others get it', async () => {
  const customer = await openCustomer();
  customer.notices.script({ fault: 'smtp-550', subject: 'vikram@mail.example' });
  const to = [ASHA, 'vikram@mail.example', 'meera@mail.example'];
  const { accepted, rejected } = await customer.smtp({ to });
  expect([accepted, rejected]).toEqual([[ASHA, 'meera@mail.example'], ['vikram@mail.example']]);
  expect(customer.notices.delivered().map((mail) => mail.to)).toEqual([ASHA, 'meera@mail.example']);
});

test.each([
  ['smtp-cut', 0],
  ['smtp-commit-then-cut', 1],
  ['smtp-commit-then-hang', 1],
] as const)('%s: lost after the end of DATA, and %i delivered', async (fault, delivered) => {
  const customer = await openCustomer();
  customer.notices.script({ fault, subject: ASHA });
  const error = await failureOf(customer.smtp());
  expect(error.responseCode).toBeUndefined();
  expect(customer.notices.delivered()).toHaveLength(delivered);
  expect(customer.notices.log()).toMatchObject([{ call: 'smtp.mail', fault, status: null }]);
});

test('a server that takes its time to greet', async () => {
  const customer = await openCustomer({ banner_ms: 400 });
  customer.notices.script({ fault: 'smtp-slow-banner', subject: '*', times: 2 });
  expect(await failureOf(customer.smtp({}, { greetingTimeout: 100 }))).toMatchObject({ code: 'ETIMEDOUT' });
  await customer.smtp();
  expect(customer.notices.delivered()).toHaveLength(1);
});

test('who has no right, is not heard', async () => {
  const customer = await openCustomer();
  const wrong = { auth: { user: 'acme', pass: 'wrong' } };
  expect(await failureOf(customer.smtp({}, wrong))).toMatchObject({ code: 'EAUTH', responseCode: 535 });
  customer.notices.changeAccount({ is_suspended: true });
  expect(await failureOf(customer.smtp())).toMatchObject({ code: 'EAUTH' });
  expect((await failureOf(customer.smtp({}, { requireTLS: true }))).code).toMatch(/TLS/);
});

test('with STARTTLS, by a certificate that nobody knows', async () => {
  const customer = await openCustomer({ smtp_tls: true });
  expect((await failureOf(customer.smtp({}, { requireTLS: true }))).message).toContain('certificate');
  await customer.smtp({}, { requireTLS: true, tls: { rejectUnauthorized: false } });
  expect(customer.notices.delivered()).toHaveLength(1);
});

test('who goes away in the middle of a mail has sent none, and hurts nobody', async () => {
  const customer = await openCustomer();
  const { host, port } = customer.notices.smtp;
  const { smtp_user, smtp_password } = customer.notices.account();
  const plain = Buffer.from(`\0${smtp_user}\0${smtp_password}`).toString('base64');
  const lines = ['EHLO x', `AUTH PLAIN ${plain}`, 'MAIL FROM:<a@acme.example>', `RCPT TO:<${ASHA}>`, 'DATA'];
  const socket = connect(port, host);
  for (const line of ['', ...lines]) {
    if (line) socket.write(`${line}\r\n`);
    await once(socket, 'data');
  }
  socket.write('Subject: half a m');
  socket.destroy();
  await customer.smtp();
  expect(customer.notices.accepted()).toHaveLength(1);
});
