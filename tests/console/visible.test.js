// Everything is in sight and within reach: on a narrow screen, by keyboard, in light and dark, by axe's rules.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';
import { open, row, screenshot, state, useBrowser } from './browser.js';
import { GOOD, start } from './sandbox.js';

useBrowser();

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A sandbox with calls of several kinds, something forced, and a clock that stands. */
async function furnished(t) {
  const sandbox = await start(t);
  await sandbox.create({ ...GOOD, group: { name: 'Book club', members: [{ phone_number: '919876543210' }] } });
  await sandbox.create({ type: 4, communityId: 'x' });
  await sandbox.create(GOOD, 'nobody');
  await sandbox.own('PUT', 'tenants/demo/scenario', { scenario: '5026', hits: 3, owner: 'dana', reason: 'ticket 7' });
  await sandbox.own('POST', 'tenants/demo/clock', { freeze: '2030-01-01T00:00:00Z' });
  return sandbox;
}

test('every part is visible at 360 px, with details one click away, and nothing is wider', async (t) => {
  const sandbox = await furnished(t);
  const page = await open(t, sandbox, { width: 360, height: 740 });
  await row(page, { outcome: 'bad-request' }).click();
  await page.getByTestId('details').waitFor();
  const { outcomes } = await sandbox.own('GET', 'outcomes');
  const ids = ['state', 'tenant', 'hits', 'minutes', 'after-commit', 'line', 'apply', 'back-to-normal', 'calls', 'call', 'filter',
    'details', 'copy-curl', 'send-again', 'tab-data', 'tab-scenarios', ...outcomes.map(({ name }) => `outcome-${name}`)];
  for (const id of ids) await page.getByTestId(id).first().waitFor();
  for (const tab of ['calls', 'data', 'scenarios', 'checklist']) {
    await page.getByTestId(`tab-${tab}`).click();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360, tab);
    // always there, also when the page is scrolled to its end
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    const bar = await page.getByTestId('state').boundingBox();
    assert.ok(bar.y >= 0 && bar.y < 300, `${tab}: the state is at ${bar.y}`);
  }
  page.assertClean();
});

test('a row shows number, status and outcome of its call', async (t) => {
  const sandbox = await furnished(t);
  const page = await open(t, sandbox);
  const call = row(page, { outcome: 'bad-request' });
  const facts = { testid: 'call', seq: '2', status: '400', outcome: 'bad-request', tenant: 'demo' };
  assert.deepEqual(await call.evaluate(({ dataset }) => ({ ...dataset })), facts);
  await row(page, { outcome: 'unauthorized', tenant: 'anonymous' }).filter({ hasText: 'unknown token' }).waitFor();
});

test('details say why, with the request, the answer, the findings and the body that would pass', async (t) => {
  const sandbox = await furnished(t);
  const page = await open(t, sandbox);
  await row(page, { outcome: 'bad-request' }).click();
  const details = page.getByTestId('details');
  for (const text of ['demo/2 · 400 bad-request', 'did you mean "community_id"?', 'no scenario, so the contract answered', 'Findings']) {
    await details.getByText(text).first().waitFor();
  }
  await details.filter({ hasText: 'An unexpected error occurred processing the request' }).waitFor();
  const patched = JSON.parse(await page.getByTestId('patched').textContent());
  assert.equal((await sandbox.create(patched, 'gnsb_patched')).status, 200, 'the body passes');
  await page.getByTestId('raw').check();
  await details.locator('pre').filter({ hasText: '{"type":4,"communityId":"x"}' }).waitFor();
});

test('everything can be done with the keyboard', async (t) => {
  const sandbox = await start(t);
  await sandbox.create();
  await sandbox.create({ type: 4 });
  const page = await open(t, sandbox);
  await row(page, { seq: 2 }).waitFor();
  const at = () => page.evaluate(() => document.activeElement.dataset.testid ?? document.activeElement.value);
  const tabTo = async (id) => {
    for (let press = 0; press < 60; press += 1) {
      if (await at() === id) return;
      await page.keyboard.press('Tab');
      const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
      assert.equal(outline, 'solid', `the focus on ${await at()} is visible`);
    }
    assert.fail(`no way to ${id}`);
  };
  await page.keyboard.press('Tab');
  await tabTo('tab-calls');
  await page.keyboard.press('ArrowRight');
  assert.equal(await at(), 'tab-data');
  await page.keyboard.press('ArrowLeft');
  await tabTo('bad-request');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.getByTestId('line').inputValue(), 'unauthorized');
  await tabTo('apply');
  await page.keyboard.press('Enter');
  await state(page, 'FORCING unauthorized');
  await page.getByTestId('switch').first().waitFor();
  await tabTo('calls');
  // the switch is on top, the calls are below
  for (const key of ['Home', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
  await page.getByTestId('details').filter({ hasText: 'demo/2' }).waitFor();
  await page.waitForFunction(() => document.activeElement.dataset.testid === 'details');
  await tabTo('copy-curl');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement.dataset.testid === 'calls');
  await page.keyboard.press('End');
  await page.waitForFunction(() => document.activeElement.getAttribute('aria-activedescendant')?.endsWith('demo-1'));
});

for (const [width, dark] of [[1280, false], [1280, true], [360, false], [360, true]]) {
  test(`axe finds nothing at ${width} px in ${dark ? 'dark' : 'light'}`, async (t) => {
    const sandbox = await furnished(t);
    const page = await open(t, sandbox, { width, dark });
    const violations = () => page.evaluate(async () => (await globalThis.axe.run(document)).violations
      .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html).join(' ')}`));
    await row(page, { outcome: 'bad-request' }).click();
    await page.getByTestId('patched').waitFor();
    await page.evaluate(AXE);
    for (const tab of ['calls', 'data', 'scenarios', 'checklist']) {
      await page.getByTestId(`tab-${tab}`).click();
      await page.locator(`#view-${tab} li, #view-${tab} [role=option]`).first().waitFor();
      assert.deepEqual(await violations(), [], tab);
    }
    await page.getByTestId('tab-calls').click();
    await page.getByTestId('all-tenants').check();
    await page.getByTestId('outcome-unavailable').click();
    await page.getByTestId('apply').click();
    await page.getByRole('dialog').waitFor();
    assert.deepEqual(await violations(), [], 'a question');
    await screenshot(page, `${width}${dark ? '-dark' : ''}-question`);
  });
}
