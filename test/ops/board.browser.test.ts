import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { databaseForThisTest } from '../support/database.ts';
import { until } from '../support/until.ts';
import { boardOver } from './board-fixture.ts';
import { noBrowser, openPage, picture } from './browser.ts';
import { openCarrier, POSTGRES_CARRIER } from './carrier.ts';

/** A board with three dead jobs, and a page of somebody who is logged in. */
async function openBoard(who: string) {
  const database = await databaseForThisTest();
  const carrier = await openCarrier(POSTGRES_CARRIER, database.url);
  const board = boardOver(carrier);
  await board.app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    await board.app.close();
    await carrier.close();
  });
  const url = `http://127.0.0.1:${(board.app.server.address() as AddressInfo).port}`;
  await Promise.all(['d-1', 'd-2', 'd-3'].map((id) => carrier.bury(id)));
  await until('three lie dead', async () => (await carrier.dead.getJobCounts('failed')).failed === 3);
  const page = await openPage();
  await page.context().addCookies([{ name: 'who', value: who, url, sameSite: 'Strict', httpOnly: true }]);
  return { page, url, carrier, board };
}

const retryButton = (page: Page) => page.locator("[class*='jobActions-'] button:visible").first();
const confirm = (page: Page) =>
  page
    .getByRole('alertdialog')
    .or(page.getByRole('dialog'))
    .getByText(/confirm/i);

test.skipIf(noBrowser)("bull-board's own buttons pass the guard: Retry and Retry all", async () => {
  const { page, url, carrier, board } = await openBoard('asha');
  await page.goto(`${url}/board/`);
  await page.getByText('payouts-dead').nth(1).waitFor();
  await picture(page, 'board-overview');

  await page.goto(`${url}/board/queue/payouts-dead/d-1-1?status=failed`);
  await page.getByText('gateway-down: The payment gateway did not answer.').waitFor();
  await page.getByRole('tab', { name: 'Data' }).click();
  await page.getByText('loan-7/disburse').last().waitFor();
  await picture(page, 'board-job');
  await retryButton(page).click();
  await picture(page, 'board-confirm');
  await confirm(page).click();
  await until('the job is redriven', () => carrier.redriven.includes('d-1 by operator:asha'));

  await page.goto(`${url}/board/queue/payouts-dead?status=failed`);
  await page.getByRole('button', { name: 'Retry all' }).click();
  await confirm(page).click();
  await until('all are redriven', () => carrier.redriven.length === 3);
  expect(board.audit.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
    'board.retry SUCCESS',
    'board.retry-all SUCCESS',
  ]);
});

test.skipIf(noBrowser)('a viewer who presses Retry is told no, and nothing happens', async () => {
  const { page, url, carrier, board } = await openBoard('vikram');
  await page.goto(`${url}/board/queue/payouts-dead/d-1-1?status=failed`);
  await retryButton(page).click();
  await confirm(page).click();
  await page.getByText('Your role may look, not act.').waitFor();
  await picture(page, 'board-refused');
  expect(await carrier.dead.getJobState('d-1-1')).toBe('failed');
  expect(board.audit).toMatchObject([{ actor: 'vikram', outcome: 'FAILED', error_code: 'missing-scope' }]);
});
