import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { carriers } from '../support/carriers.ts';
import { until } from '../support/until.ts';
import { noBrowser, openPage, picture } from './browser.ts';
import { ASHA, openServer, openWallets, PASSWORD, VIKRAM } from './server.ts';

const TEST_MS_MAX = 60_000;

async function logIn(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** A server on which jobs for these wallets have died and lie on the board. */
async function serverWithDeadJobs(wallets: string[], redisUrl?: string) {
  openWallets.clear();
  const server = await openServer(redisUrl ? { redisUrl } : {});
  const { queue } = server.runtime.carrierQueues().find(({ dead }) => dead)!;
  const jobs = await Promise.all(
    wallets.map((wallet) => server.accept('payout.send', { wallet, borrower: 'Asha Rao' })),
  );
  await until('all lie dead', async () => (await queue.getJobCounts('failed')).failed === wallets.length);
  return { ...server, jobs, page: await openPage() };
}

const retryButton = (page: Page) => page.locator("[class*='jobActions-'] button:visible").first();
const confirm = (page: Page) =>
  page
    .getByRole('alertdialog')
    .or(page.getByRole('dialog'))
    .getByText(/confirm/i);

for (const { name, redisUrl, missing } of carriers()) {
  test.skipIf(noBrowser || missing)(
    `an operator logs in, sees a dead job with its error, presses Retry and sees it done (${name})`,
    async () => {
      const { page, url, jobs, runtime } = await serverWithDeadJobs(['w-1'], redisUrl);
      const state = async () => (await runtime.find('acme', jobs[0]!.id))?.state;

      await page.goto(`${url}/board/queue/payouts-dead?status=failed`);
      await picture(page, `${name}-login`);
      await logIn(page, ASHA);
      await page.getByText('payout.send · w-1 · acme · 1 attempt').waitFor();
      await page.getByText('no-wallet: The wallet is not open.').waitFor();
      await picture(page, `${name}-dead`);
      expect(await state()).toBe('dead');

      openWallets.add('w-1');
      await retryButton(page).click();
      await confirm(page).click();
      await until('the job is done', async () => (await state()) === 'done');
      await page.goto(`${url}/board/queue/payouts-dead?status=failed`);
      await page.getByText(/no failed jobs in this queue/i).waitFor();
      await picture(page, `${name}-retried`);
      // On Postgres a finished job leaves the carrier at once; Redis keeps it to be looked at.
      if (redisUrl) {
        await page.goto(`${url}/board/queue/payouts?status=completed`);
        await page.getByText('payout.send · w-1 · acme').first().waitFor();
        await picture(page, `${name}-done`);
      }
    },
    TEST_MS_MAX,
  );
}

test.skipIf(noBrowser)(
  'Retry all, and a viewer who is told no',
  async () => {
    const { page, url, jobs, runtime, database } = await serverWithDeadJobs(['w-1', 'w-2', 'w-3']);
    const states = () => Promise.all(jobs.map(async ({ id }) => (await runtime.find('acme', id))?.state));
    for (const wallet of ['w-1', 'w-2', 'w-3']) openWallets.add(wallet);

    await page.goto(`${url}/board/queue/payouts-dead?status=failed`);
    await logIn(page, VIKRAM);
    await page.getByRole('button', { name: 'Retry all' }).click();
    await confirm(page).click();
    await page.getByText('Your role may look, not act.').waitFor();
    await picture(page, 'viewer-refused');
    expect(await states()).toEqual(['dead', 'dead', 'dead']);

    await page.context().clearCookies();
    await page.goto(`${url}/board/queue/payouts-dead?status=failed`);
    await logIn(page, ASHA);
    await page.getByRole('button', { name: 'Retry all' }).click();
    await confirm(page).click();
    await until('all are done', async () => (await states()).every((state) => state === 'done'));

    const { rows } = await database.superuser(
      `SELECT actor, outcome, error_code FROM audit WHERE action = 'board.retry-all' ORDER BY id`,
    );
    expect(rows).toEqual([
      { actor: VIKRAM, outcome: 'FAILED', error_code: 'missing-scope' },
      { actor: ASHA, outcome: 'SUCCESS', error_code: null },
    ]);
  },
  TEST_MS_MAX,
);
