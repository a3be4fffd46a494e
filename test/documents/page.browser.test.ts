import { expect, test } from 'vitest';
import { htmlOf } from '../../src/documents/html.ts';
import { noBrowser, openPage, picture } from '../ops/browser.ts';
import { somePaper } from './a-paper.ts';

test.skipIf(noBrowser)(
  'the page shows its tables and its chart under its own policy, and prints on A4 with numbered pages',
  async () => {
    const page = await openPage();
    const { html, policy } = htmlOf(somePaper({ name: '<script>alert(1)</script> क्षितिज' }));
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('dialog', (dialog) => complaints.push(dialog.message()));
    await page.route('https://kist.example/**', (route) =>
      route.fulfill({
        contentType: 'text/html; charset=utf-8',
        headers: { 'content-security-policy': policy },
        body: html,
      }),
    );
    await page.goto('https://kist.example/key-facts');
    await page.getByRole('heading', { name: 'Key facts statement' }).waitFor();
    await page.getByText('<script>alert(1)</script> क्षितिज').waitFor();
    await page.getByRole('img', { name: 'Instalments and balance' }).waitFor();
    expect(await page.getByRole('row').count()).toBeGreaterThan(50);
    // Its style is let in: the sheet of paper is white on grey.
    const background = await page.evaluate(
      "getComputedStyle(document.querySelector('main')).backgroundColor",
    );
    expect(background).toBe('rgb(255, 255, 255)');
    expect(complaints).toEqual([]);
    await picture(page, 'key-facts');

    const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
    const { extractText, getDocumentProxy } = await import('unpdf');
    const { text, totalPages } = await extractText(await getDocumentProxy(new Uint8Array(pdf)));
    expect(totalPages).toBeGreaterThan(1);
    expect(text.at(-1)).toContain(`${totalPages} / ${totalPages}`);
    if (process.env.KIST_SCREENSHOTS)
      await page.pdf({
        path: `${process.env.KIST_SCREENSHOTS}/key-facts.pdf`,
        preferCSSPageSize: true,
        printBackground: true,
      });
  },
  60_000,
);
