import { expect, test } from 'vitest';
import { noBrowser, openPage, picture } from '../../ops/browser.ts';
import { ASHA, type Customer, openCustomer } from './a-customer.ts';

const TEST_MS_MAX = 60_000;
const HTML = `<!doctype html><html><head><style>body{margin:0;background:#f2f4f7;font-family:system-ui,sans-serif;color:#1c2430}
  .sheet{max-width:34rem;margin:1.5rem auto;background:#fff;border-radius:12px;padding:2rem}h1{font-size:1.35rem;margin:0 0 1rem;color:#0f6b5c}
  table{width:100%;border-collapse:collapse;margin:1rem 0}td{padding:.5rem 0;border-bottom:1px solid #e3e7ed}td+td{text-align:right;font-weight:600}
  .button{display:inline-block;background:#0f6b5c;color:#fff;padding:.7rem 1.4rem;border-radius:8px;text-decoration:none}</style></head>
  <body><div class="sheet"><h1>Your instalment is due on Monday</h1><p>Dear Asha,</p><p>₹5,432.10 is due for your loan L-1042.</p>
  <table><tr><td>Principal</td><td>₹4,900.00</td></tr><tr><td>Interest</td><td>₹532.10</td></tr></table>
  <a class="button" href="https://acme.example/pay">Pay now</a></div>
  <script>parent.document.title = 'stolen'; document.body.remove()</script></body></html>`;

/** Something of everything, as a demo leaves it behind. */
async function send(customer: Customer): Promise<void> {
  const pdf = Buffer.alloc(48_000).toString('base64');
  const tags = ['note-1'];
  const attachment = [{ name: 'statement-november.pdf', content: pdf }];
  const text =
    'Dear Asha,\n\n₹5,432.10 is due for your loan L-1042.\n\nPrincipal  ₹4,900.00\nInterest     ₹532.10';
  await customer.mail({
    subject: 'Due on Monday: ₹5,432.10',
    htmlContent: HTML,
    textContent: text,
    attachment,
    tags,
  });
  await customer.pass({ minutes: 3 });
  const number = '919812345678';
  await customer.sms({
    To: number,
    Msg: 'Acme: Rs 5,432.10 for loan L-1042 is due on 23 Nov. Pay at acme.example/p/1042',
    ctid: '1107161234567890123',
  });
  await customer.sms({
    To: number,
    Msg: 'एक्मे: आपके ऋण L-1042 की ₹5,432.10 की किस्त 23 नवंबर को देय है। कृपया समय पर भुगतान करें।',
  });
  await customer.push({
    token: 'fT3kQ9aLw0RrZ8b2Yx7VnPp-device-of-asha',
    notification: {
      title: 'Payment received',
      body: 'Thank you, Asha. ₹5,432.10 was booked to loan L-1042.',
    },
    data: { loan: 'L-1042' },
  });
  await customer.pass({ hours: 20 });
  customer.notices.script({ fault: 'hard-bounce', subject: 'vikram@mail.example' });
  await customer.mail({
    to: [{ email: 'vikram@mail.example', name: 'Vikram Shah' }],
    subject: 'You have never seen this',
  });
  const text_only = {
    text: 'Dear Meera,\n\nyour loan L-0007 is closed. Thank you.',
    messageId: '<note-2@acme.example>',
  };
  for (let turn = 1; turn <= 2; turn += 1) {
    await customer.smtp({
      to: 'Meera Iyer <meera@mail.example>',
      subject: 'Your loan is closed',
      ...text_only,
    });
  }
}

test.skipIf(noBrowser)(
  'a person looks at what was delivered: mails as they look, texts as bubbles, pushes as cards',
  async () => {
    const customer = await openCustomer();
    await send(customer);
    const page = await openPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${customer.url}/delivered`);

    const letter = page.frameLocator('iframe[title="Due on Monday: ₹5,432.10"]');
    await letter.getByRole('heading', { name: 'Your instalment is due on Monday' }).waitFor();
    // The mail's own script has not run, and the frame is as high as the mail.
    expect(await page.title()).toBe('Delivered');
    const height = await page
      .locator('iframe')
      .first()
      .evaluate((frame) => frame.getBoundingClientRect().height);
    expect(height).toBeGreaterThan(300);
    await page.getByText('1 segment · GSM-7').waitFor();
    await page.getByText('2 segments · UCS-2').waitFor();
    await page.getByText('Thank you, Asha. ₹5,432.10 was booked').waitFor();
    await page.getByText('loan = L-1042').waitFor();
    await page.getByText('came 2 times').waitFor();
    expect(await page.getByText('You have never seen this').count()).toBe(0);
    await picture(page, 'delivered-light');
    await page.locator('iframe').first().scrollIntoViewIfNeeded();
    await picture(page, 'delivered-mail');
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: 1_280, height: 1_500 });
      await picture(page, `delivered-${colorScheme}-long`);
      await page.setViewportSize({ width: 390, height: 2_400 });
      await picture(page, `delivered-${colorScheme}-narrow`);
      const wider = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
      expect(wider).toBeLessThanOrEqual(0);
    }
    await page.setViewportSize({ width: 1_280, height: 860 });

    const articles = page.getByRole('article');
    await page.getByRole('link', { name: 'SMS' }).click();
    expect(await articles.count()).toBe(2);
    await page.getByRole('link', { name: 'All' }).click();
    await page.getByLabel('Person').fill('asha@');
    await page.getByRole('button', { name: 'Show' }).click();
    expect(await articles.count()).toBe(1);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'statement-november.pdf' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('statement-november.pdf');

    await page.getByLabel('Person').fill('Vikram');
    await page.getByLabel('what never arrived').check();
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByText('You have never seen this').first().waitFor();
    await page.getByText('hard-bounce', { exact: true }).waitFor();
    await picture(page, 'delivered-lost');

    await customer.sms();
    await page.getByText('1 new').click();
    await page.getByText('Paid, thank you.').waitFor({ state: 'detached' });
    expect(problems).toEqual([]);
  },
  TEST_MS_MAX,
);

test('the page begins empty, goes back in time, and takes nobody at his word', async () => {
  const customer = await openCustomer();
  const page = async (query = '') => (await customer.ask(`/delivered${query}`)).body as string;
  expect(await page()).toContain('Nobody has got anything yet.');
  for (let turn = 1; turn <= 41; turn += 1) await customer.sms({ Msg: `<b>Text</b> ${turn}` });
  const first = await page();
  expect(first).toContain('&#60;b&#62;Text&#60;/b&#62; 41');
  expect(first).not.toContain('<b>Text');
  expect(first).not.toContain('&#60;/b&#62; 1<');
  const older = /class="older" href="([^"]+)"/
    .exec(first)![1]!
    .replace('/delivered', '')
    .replaceAll('&#38;', '&');
  expect(await page(older)).toContain('&#60;/b&#62; 1<');
  expect(await page('?person=%22%3E%3Cscript%3E')).not.toContain('"><script>');
  expect(await page('?channel=pigeon&before=x')).toContain('41 messages');
  expect((await customer.ask('/delivered/1/files/0')).status).toBe(404);
  const { headers } = await customer.ask('/delivered');
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
});

test('a mail whose headers say where has a link to unsubscribe beside it, however it came', async () => {
  const customer = await openCustomer();
  const unsubscribe = (address: string) => ({ headers: { 'List-Unsubscribe': `<${address}>` } });
  await customer.mail({ subject: 'By Brevo', ...unsubscribe('https://kist.example/v1/opt-out/brevo') });
  await customer.smtp({
    ...{ subject: 'By SMTP', ...unsubscribe(`https://kist.example/v1/opt-out/${'s'.repeat(300)}`) },
  });
  await customer.mail({ subject: 'By nobody' });
  await customer.mail({ subject: 'By Eve', ...unsubscribe('javascript:alert(1)') });
  const { body } = await customer.ask('/delivered');
  const links = [...body.matchAll(/href="([^"]+)"[^>]*>Unsubscribe</g)].map(([, address]) => address);
  expect(links).toEqual([
    `https://kist.example/v1/opt-out/${'s'.repeat(300)}`,
    'https://kist.example/v1/opt-out/brevo',
  ]);
});

test('a lender’s own messages alone', async () => {
  const customer = await openCustomer({ accounts: [{ id: 'acme' }, { id: 'globex' }] });
  await customer.mail({ subject: 'Of Acme' }, customer.notices.account('acme').brevo_key);
  await customer.mail({ subject: 'Of Globex' }, customer.notices.account('globex').brevo_key);
  const { body } = await customer.ask('/delivered?account=globex');
  expect(body).toContain('Of Globex');
  expect(body).not.toContain('Of Acme');
  expect(body).toContain(ASHA);
});
