// Many calls, many tenants, restarts, and tenants that go.

import assert from 'node:assert/strict';
import test from 'node:test';
import { open, row, screenshot, state, useBrowser } from './browser.js';
import { GOOD, start } from './sandbox.js';

useBrowser();

/** The most rows that may be drawn, on a screen of 800 px. */
const MOST_ROWS = 60;

const drawn = (page, testid = 'calls') => page.getByTestId(testid).locator('[role=option]').count();
const counted = (page, text) => page.getByTestId('count').getByText(text, { exact: true }).waitFor();

test('10 000 calls and 500 tenants at 10 calls a second leave the page usable', async (t) => {
  const sandbox = await start(t, '--journal-mib', '256');
  await sandbox.many(10_000, (number) => sandbox.create({ ...GOOD, group: { name: `Group ${number}` } }));
  await sandbox.many(500, (number) => sandbox.create(GOOD, `gnsb_tenant-${number}`));
  const page = await open(t, sandbox);
  await page.getByTestId('count').getByText('10000 calls', { exact: true }).waitFor({ timeout: 60_000 });
  assert.ok(await drawn(page) <= MOST_ROWS, `${await drawn(page)} rows`);

  let sent = 0;
  const load = setInterval(() => sandbox.create({ ...GOOD, group: { name: `Load ${sent += 1}` } }).catch(() => {}), 100);
  t.after(() => clearInterval(load));
  await row(page, { seq: 10_010 }).waitFor();
  await page.getByTestId('filter').pressSequentially('Group 77');
  assert.equal(await page.getByTestId('filter').inputValue(), 'Group 77');
  await counted(page, '111 calls');
  await page.getByTestId('filter').fill('');
  // to the oldest and back
  await page.getByTestId('calls').focus();
  await page.waitForFunction(() => Number(document.querySelector('[data-testid=count]').textContent.split(' ')[0]) > 10_000);
  await page.keyboard.press('End');
  await row(page, { seq: 1 }).waitFor();
  // what is read stays in place while calls come
  const place = await row(page, { seq: 1 }).boundingBox();
  const total = () => Number(document.querySelector('[data-testid=count]').textContent.split(' ')[0]);
  const before = await page.evaluate(total);
  await page.waitForFunction((calls) => Number(document.querySelector('[data-testid=count]').textContent.split(' ')[0]) > calls + 5, before);
  assert.deepEqual(await row(page, { seq: 1 }).boundingBox(), place);
  assert.ok(await drawn(page) <= MOST_ROWS);
  await page.keyboard.press('Home');
  await page.getByTestId('pause').click();
  const first = await page.getByTestId('call').first().getAttribute('data-seq');
  await page.getByTestId('count').filter({ hasText: /paused, ([5-9]|\d\d)/ }).waitFor();
  await row(page, { seq: first }).waitFor();
  await page.getByTestId('pause').click();
  clearInterval(load);

  await page.getByTestId('tenant').focus();
  await page.waitForFunction(() => document.querySelectorAll('#tenant-names option').length === 501);
  await page.getByTestId('tenant').fill('tenant-499');
  await page.keyboard.press('Enter');
  await counted(page, '1 call');
  assert.match(page.url(), /\?tenant=tenant-499$/);
  await page.goBack();

  // an answer of more than 1 MiB
  await page.getByTestId('tab-data').click();
  await page.getByTestId('item').first().waitFor();
  assert.ok(await drawn(page, 'data-list') <= MOST_ROWS);
  await page.getByTestId('data-filter').fill('Group 9999');
  await page.getByTestId('item').getByText('Group 9999').click();
  await page.getByTestId('data-details').filter({ hasText: '"chat_id"' }).waitFor();
  page.assertClean();
});

test('a server that is gone is said to be gone, and what comes after its restart is shown', async (t) => {
  const sandbox = await start(t);
  await sandbox.create();
  await sandbox.create();
  const page = await open(t, sandbox);
  await row(page, { seq: 2 }).waitFor();
  await sandbox.stop();
  await state(page, 'NO ANSWER the server has not answered since');
  assert.match(await page.title(), /^NO ANSWER/);
  await screenshot(page, 'gone');
  await sandbox.restart();
  await state(page, 'NORMAL');
  await row(page, { seq: 2 }).waitFor({ state: 'detached' });
  await sandbox.create({ type: 4 });
  await row(page, { seq: 1, status: 400 }).waitFor();
});

test('a tenant that is deleted is shown empty, and its next call too', async (t) => {
  const sandbox = await start(t);
  await sandbox.create(GOOD, 'gnsb_short');
  const page = await open(t, sandbox, { query: '?tenant=short' });
  await row(page, { seq: 1, tenant: 'short' }).waitFor();
  await sandbox.own('DELETE', 'tenants/short');
  await row(page, { seq: 1, tenant: 'short' }).waitFor({ state: 'detached' });
  await state(page, 'NORMAL');
  await sandbox.create({ type: 4 }, 'gnsb_short');
  await row(page, { status: 400, tenant: 'short' }).waitFor();
});

test('the filter is in the address, and comes from it', async (t) => {
  const sandbox = await start(t);
  for (const body of [GOOD, { type: 4 }, { ...GOOD, group: { name: 'Zebra' } }]) await sandbox.create(body);
  const page = await open(t, sandbox);
  await row(page, { seq: 3 }).waitFor();
  await page.getByTestId('filter-status').fill('4');
  await counted(page, '1 call');
  assert.match(page.url(), /\?status=4$/);
  // calls that come are filtered too
  await sandbox.create(GOOD);
  await sandbox.create({ type: 5 });
  await row(page, { seq: 5 }).waitFor();
  await counted(page, '2 calls');
  const same = await page.context().newPage();
  await same.goto(page.url());
  await counted(same, '2 calls');
  assert.equal(await same.getByTestId('filter-status').inputValue(), '4');
  await same.getByTestId('filter-status').fill('');
  await same.getByTestId('filter-outcome').fill('ok');
  await counted(same, '3 calls');
});

test('a text is found in what is kept of a call, and in those that come', async (t) => {
  const sandbox = await start(t);
  for (const body of [GOOD, { type: 4 }, { ...GOOD, group: { name: 'Zebra' } }]) await sandbox.create(body);
  const page = await open(t, sandbox);
  await row(page, { seq: 3 }).waitFor();
  await page.getByTestId('filter').fill('zEBRA');
  await row(page, { seq: 1 }).waitFor({ state: 'detached' });
  await row(page, { seq: 3 }).waitFor();
  assert.match(page.url(), /\?text=zEBRA$/);
  await sandbox.create({ ...GOOD, group: { name: 'zebra again' } });
  await sandbox.create(GOOD);
  await row(page, { seq: 4 }).waitFor();
  await counted(page, '2 calls');
  await page.getByTestId('filter').fill('IS missing');
  await row(page, { seq: 2 }).waitFor();
  await counted(page, '1 call');
});

test('calls of an unknown token and wrong paths are shown as they come', async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox);
  await state(page, 'NORMAL');
  await sandbox.create(GOOD, 'who-is-this');
  await sandbox.send('GET', '/nowhere', { headers: { authorization: 'Bearer gnsb_demo' } });
  await row(page, { tenant: 'demo', outcome: 'unknown-path' }).waitFor();
  await row(page, { tenant: 'anonymous', outcome: 'unauthorized' }).waitFor();
});

test('a reset of parts takes these, and the clock can be moved, stopped and resumed', async (t) => {
  const sandbox = await start(t);
  await sandbox.create({ ...GOOD, group: { name: 'Gone soon' } });
  const page = await open(t, sandbox, { query: '?tab=data' });
  await page.getByTestId('item').getByText('Gone soon').waitFor();
  await page.getByTestId('reset-journal').uncheck();
  await page.getByTestId('reset').click();
  await page.getByTestId('confirm').click();
  await page.getByText('No groups yet.').waitFor();
  await page.getByTestId('freeze').fill('2031-05-06T07:08:09Z');
  await page.getByTestId('freeze-apply').click();
  await page.getByTestId('clock').filter({ hasText: '2031-05-06T07:08:09.000Z, frozen' }).waitFor();
  await page.getByTestId('advance').fill('25h');
  await page.getByTestId('advance-apply').click();
  await page.getByTestId('clock').filter({ hasText: '2031-05-07T08:08:09.000Z, frozen' }).waitFor();
  await page.getByTestId('resume').click();
  await state(page, 'NORMAL');
  await page.getByTestId('tab-calls').click();
  await row(page, { seq: 1 }).waitFor();
  await page.locator('[data-testid=switch][data-what=reset]').waitFor();
});

test('calls are filtered by every alias of an outcome, also one in the address', async (t) => {
  const sandbox = await start(t);
  for (const line of ['5026', '502', 'hang']) {
    await sandbox.own('PUT', 'tenants/demo/scenario', { scenario: `1x${line}` });
    if (line !== 'hang') await sandbox.create();
  }
  const page = await open(t, sandbox, { query: '?outcome=5026' });
  await counted(page, '1 call');
  await row(page, { outcome: 'video-not-found' }).waitFor();
  for (const [written, outcome] of [['502', 'bad-gateway'], ['VIDEO', 'video-not-found'], ['video-not-found', 'video-not-found']]) {
    await page.getByTestId('filter-outcome').fill(written);
    await row(page, { outcome }).waitFor();
    await counted(page, '1 call');
  }
  page.assertClean();
});

test('an address with no name of a tenant promises no token that would show calls', async (t) => {
  const sandbox = await start(t);
  for (const [name, why] of [['Foo', "Foo is no tenant's name"], ['-a', "-a is no tenant's name"], ['anonymous', 'calls whose token names no tenant are shown']]) {
    const page = await open(t, sandbox, { query: `?tenant=${name}` });
    await page.locator('.calls').getByText(why).waitFor();
    assert.equal(await page.getByText(`gnsb_${name}`).count(), 0, name);
    page.assertClean();
  }
  await sandbox.create(GOOD, 'nobody');
  const page = await open(t, sandbox, { query: '?tenant=anonymous' });
  await row(page, { seq: 1, outcome: 'unauthorized' }).waitFor();
  await screenshot(page, 'anonymous');
});
