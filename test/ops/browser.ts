import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

const STEP_MS_MAX = 30_000;
const CHROMIUM = process.env.KIST_CHROMIUM ?? '/usr/bin/chromium';

/** Browser tests are skipped by name where there is no browser. */
export const noBrowser = !existsSync(CHROMIUM);

/** A page of a browser of the test's own, which talks to nobody but the test. */
export async function openPage(): Promise<Page> {
  const profile = await mkdtemp(path.join(tmpdir(), 'kist-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    viewport: { width: 1_280, height: 860 },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  onTestFinished(async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  });
  const page = await context.newPage();
  page.setDefaultTimeout(STEP_MS_MAX);
  return page;
}

/** Keeps a picture of the page where KIST_SCREENSHOTS names a folder; for people to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.KIST_SCREENSHOTS;
  if (folder) await page.screenshot({ path: path.join(folder, `${name}.png`) });
}
