// A browser for each file of tests, and a page for each test.

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
  // a name that somebody else's DNS could point here
  '--host-resolver-rules=MAP evil.example 127.0.0.1',
];

let browser;

/** Starts the browser before the tests of a file, and ends it behind them. */
export function useBrowser() {
  before(async () => {
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: FLAGS });
  });
  after(() => browser.close());
}

/** Opens the console. At the end of the test no script has failed and nothing was against the policy. */
export async function open(test, sandbox, { query = '', width = 1280, height = 800, dark = false, permissions = [] } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', permissions });
  context.setDefaultTimeout(20_000);
  const problems = [];
  const addresses = [];
  context.on('page', (page) => {
    page.on('pageerror', (error) => problems.push(error.stack));
    page.on('console', (message) => /Content Security Policy|Refused to/.test(message.text()) && problems.push(message.text()));
    page.on('request', (request) => addresses.push(request.url()));
  });
  test.after(() => context.close());
  const page = await context.newPage();
  await page.goto(`${sandbox.url}/_sandbox/${query}`);
  return Object.assign(page, { problems, addresses, assertClean: () => assert.deepEqual(problems, []) });
}

export const screenshot = (page, name) => page.screenshot({ path: path.join(process.env.SCREENSHOTS, `${name}.png`) });

/** Waits until the state bar says something. */
export const state = (page, text) => page.getByTestId('state').filter({ hasText: text }).waitFor();

/** The row of a call. */
export const row = (page, facts) => page.locator(`[data-testid=call]${Object.entries(facts).map(([name, value]) => `[data-${name}="${value}"]`).join('')}`).first();

/** Forces an outcome by clicks. */
export async function force(page, outcome, { hits, owner, reason } = {}) {
  await page.getByTestId(`outcome-${outcome}`).click();
  if (hits) await page.getByTestId('hits').fill(String(hits));
  if (owner) await page.getByTestId('owner').fill(owner);
  if (reason) await page.getByTestId('reason').fill(reason);
  await page.getByTestId('apply').click();
}
