import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, onTestFinished } from 'vitest';
import { findChromium } from './find-chromium.ts';

/** A page that is open, and what went wrong in it so far: errors of its script, and what its policy has blocked. */
export interface OpenPage {
  readonly page: Page;
  readonly complaints: string[];
}

/** What is waited for comes in a moment; on a machine that has much else to do, in a long one. */
const PATIENCE_MS = 60_000;

let started: Promise<Browser> | undefined;

/** One browser for a test file. Its sandbox needs a user that is not root, or a kernel that lets it: neither is sure. */
function browser(): Promise<Browser> {
  started ??= findChromium().then(({ executablePath, env }) =>
    chromium.launch({
      executablePath,
      timeout: PATIENCE_MS,
      args: ['--no-sandbox', '--disable-gpu'],
      env: { ...process.env, ...env } as Record<string, string>,
    }),
  );
  return started;
}

/** Opens an address in a browser profile of its own, which goes with the test. */
export async function openPage(url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  if (started === undefined) afterAll(async () => (await started)?.close());
  const context = await (await browser()).newContext({ timezoneId: 'UTC', locale: 'en-GB', ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(url);
  return { page, complaints };
}

/** As phones are: narrow, touched, with a dense screen. */
export const PHONE: BrowserContextOptions = {
  viewport: { width: 375, height: 667 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};
