// The checklist provokes the traps that a client should have met, and held calls are released.

import assert from 'node:assert/strict';
import test from 'node:test';
import { force, open, row, state, useBrowser } from './browser.js';
import { start } from './sandbox.js';

useBrowser();

test('every item of the checklist is provoked by its button, and passes or fails by what the client does', async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox, { query: '?tab=checklist' });
  const { items } = await sandbox.own('GET', 'tenants/demo/checklist');
  assert.equal(items.length, 9);
  const { outcomes } = await sandbox.own('GET', 'outcomes');
  for (const { item, line, hits } of items) {
    await page.getByTestId(`provoke-${item}`).click();
    // an outcome by another name, such as 5026, is shown by its own
    const named = outcomes.find(({ aliases }) => aliases.includes(line))?.name ?? line;
    await state(page, `FORCING ${named} · ${hits} of ${hits} left`);
    await state(page, `checklist: ${item}`);
  }
  await page.getByTestId('back-to-normal').click();
  await state(page, 'NORMAL');
  await page.getByTestId('provoke-5026-not-retried').click();
  await state(page, 'FORCING');
  // a client that tries a permanent failure again
  await sandbox.create();
  await sandbox.create();
  await page.getByTestId('checklist-reload').click();
  await page.locator('[data-item="5026-not-retried"][data-state=failed]').waitFor();
  await page.getByRole('button', { name: 'Open the call demo/1' }).first().click();
  await page.getByTestId('details').getByText('demo/1 ·').waitFor();
  await row(page, { seq: 2 }).waitFor();
  page.assertClean();
});

test('held calls are shown as they wait, and released one by one', async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox);
  await force(page, 'hold');
  await state(page, 'FORCING hold');
  const answers = [sandbox.create(), sandbox.create(), sandbox.create()];
  await page.getByTestId('held').getByText('3 calls held').waitFor();
  await row(page, { status: '' }).filter({ hasText: 'waits until it is released' }).waitFor();
  await page.getByTestId('release').click();
  await page.getByTestId('held').getByText('2 calls held').waitFor();
  assert.equal((await Promise.any(answers)).status, 200);
  await page.getByTestId('release-all').click();
  assert.deepEqual((await Promise.all(answers)).map(({ status }) => status), [200, 200, 200]);
  await page.getByTestId('held').waitFor({ state: 'hidden' });
  await page.getByTestId('back-to-normal').click();
  await state(page, 'NORMAL');
  await row(page, { status: '' }).waitFor({ state: 'detached' });
  page.assertClean();
});
