// Forces outcomes by clicks, and comes back to normal.

import assert from 'node:assert/strict';
import test from 'node:test';
import { force, open, row, screenshot, state, useBrowser } from './browser.js';
import { CREATE, GOOD, start } from './sandbox.js';

useBrowser();

const TABS = ['calls', 'data', 'scenarios', 'checklist'];

test('a forced 5026 is seen in the row of the call, until Back to normal is pressed', async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox);
  await state(page, 'NORMAL');
  assert.match(await page.title(), /^NORMAL · demo$/);
  const calm = await page.locator('#icon').getAttribute('href');
  await force(page, 'video-not-found', { hits: 3, owner: 'dana', reason: 'ticket 7' });
  await state(page, /^FORCING video-not-found · 3 of 3 left · \d+:\d\d · dana: ticket 7$/);
  assert.match(await page.title(), /^FORCING video-not-found · demo$/);
  assert.notEqual(await page.locator('#icon').getAttribute('href'), calm);
  assert.equal((await sandbox.create()).status, 500);
  await row(page, { seq: 1, status: 500, outcome: 'video-not-found' }).waitFor();
  await state(page, '2 of 3 left');
  await page.getByTestId('outcome-video-not-found').getByText('1×').waitFor();
  await page.getByTestId('outcome-server-error').getByText('never tried').waitFor();
  await page.getByTestId('back-to-normal').click();
  await state(page, 'NORMAL');
  assert.equal((await sandbox.create()).status, 200);
  await row(page, { seq: 2, status: 200, outcome: 'ok' }).waitFor();
  assert.deepEqual((await page.locator('[data-testid=switch]').evaluateAll((rows) => rows.map((node) => node.dataset.what))), ['override-ended', 'override-set']);
  page.assertClean();
});

test('hits that run out end by themselves', async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox);
  await force(page, 'rate-limited', { hits: 2 });
  await state(page, 'FORCING rate-limited · 2 of 2 left');
  assert.equal((await sandbox.create()).status, 429);
  assert.equal((await sandbox.create()).status, 429);
  await state(page, 'NORMAL');
  assert.equal((await sandbox.create()).status, 200);
  await row(page, { seq: 3, status: 200 }).waitFor();
});

test('a failure after the group is made leaves the group', async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox);
  await page.getByTestId('after-commit').check();
  await force(page, 'server-error', { hits: 1 });
  await state(page, 'FORCING server-error/after-commit');
  assert.equal((await sandbox.create()).status, 500);
  await row(page, { seq: 1, status: 500 }).filter({ hasText: 'after the change was made' }).waitFor();
  await page.getByTestId('tab-data').click();
  await page.getByTestId('item').first().waitFor();
  assert.equal((await sandbox.own('GET', 'tenants/demo/groups')).groups.length, 1);
});

test('a line is checked while it is typed, and forced', async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox);
  await page.getByTestId('line').pressSequentially('2x50z');
  await page.getByTestId('line-check').filter({ hasText: 'unknown outcome "50z"; did you mean "500"?' }).waitFor();
  assert.equal(await page.getByTestId('line').getAttribute('aria-invalid'), 'true');
  await page.getByTestId('apply').click();
  await page.locator('.toast.bad').filter({ hasText: '50z' }).waitFor();
  await page.getByTestId('line').fill('2x500, 5026, ok*');
  await page.getByTestId('line-check').filter({ hasText: '2 calls: server-error, then 1 call: video-not-found, then every call: ok' }).waitFor();
  await page.getByTestId('forever').check();
  await page.getByTestId('line').press('Enter');
  await state(page, 'FORCING 2x500, 5026, ok* · for ever');
  const statuses = [];
  for (let call = 0; call < 4; call += 1) statuses.push((await sandbox.create()).status);
  assert.deepEqual(statuses, [500, 500, 500, 200]);
});

test('what is forced for all tenants is asked for twice, to begin and to end it', async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox);
  await page.getByTestId('all-tenants').check();
  await force(page, 'unavailable');
  await page.getByRole('dialog').getByText('Every tenant of this server').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  assert.equal((await sandbox.own('GET', 'tenants/*/scenario')).override, null);
  await page.getByTestId('apply').click();
  await page.getByTestId('confirm').click();
  await state(page, 'FORCING unavailable for all tenants');
  assert.equal((await sandbox.create(GOOD, 'gnsb_other')).status, 503);
  await page.getByTestId('back-to-normal').click();
  await page.locator('.toast').filter({ hasText: 'this tenant has no override, but 1 thing can affect' }).waitFor();
  assert.notEqual((await sandbox.own('GET', 'tenants/*/scenario')).override, null, 'one press does not end it');
  await page.getByTestId('undo-override-for-all').click();
  await page.getByTestId('confirm').click();
  await state(page, 'NORMAL');
});

test('what another one forces is replaced only after a question', async (t) => {
  const sandbox = await start(t);
  await sandbox.own('PUT', 'tenants/demo/scenario', { scenario: '404', owner: 'ann', reason: 'demo day' });
  const page = await open(t, sandbox);
  await state(page, 'FORCING community-not-found');
  await force(page, 'server-error', { owner: 'dana' });
  await page.getByRole('dialog').filter({ hasText: 'ann' }).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await state(page, 'ann: demo day');
  await page.getByTestId('apply').click();
  await page.getByTestId('confirm').click();
  await state(page, 'FORCING server-error');
});

test('whatever affects the next call is named, with what ends it', async (t) => {
  const sandbox = await start(t, '--scenario', 'outage', '--media', 'strict', '--assume', 'token-life=15m');
  const page = await open(t, sandbox);
  await state(page, 'FORCING');
  const causes = page.getByTestId('causes');
  for (const option of ['--scenario', '--media strict', '--assume']) await causes.getByText(`by ${option}`).waitFor();
  await sandbox.own('POST', 'tenants/demo/clock', { freeze: '2030-01-01T00:00:00Z' });
  await page.getByTestId('undo-clock').click();
  await page.getByTestId('undo-clock').waitFor({ state: 'detached' });
  assert.equal((await sandbox.own('GET', 'tenants/demo/clock')).frozen, false);
  await page.getByTestId('back-to-normal').click();
  await page.locator('.toast').filter({ hasText: 'this tenant has no override, but 3 things can affect' }).waitFor();
  await sandbox.own('PUT', 'tenants/demo/scenario', { scenario: '404' });
  await state(page, 'FORCING community-not-found');
  await page.getByTestId('back-to-normal').click();
  await page.locator('.toast').filter({ hasText: 'the override has ended, but 3 things can affect' }).waitFor();
});

for (const [width, dark] of [[1280, false], [1280, true], [360, false], [360, true]]) {
  test(`screenshots at ${width} px${dark ? ' in the dark' : ''}`, async (t) => {
    const sandbox = await start(t);
    await sandbox.create({ ...GOOD, group: { name: 'Book club' } });
    await sandbox.create({ type: 4, communityId: 'x' });
    await sandbox.create(GOOD, 'nobody');
    await sandbox.send('GET', '/nowhere', { headers: { authorization: 'Bearer gnsb_demo' } });
    await sandbox.send('POST', `/~502${CREATE}`, { headers: { authorization: 'Bearer gnsb_demo', 'content-type': 'application/json' }, body: '{}' });
    const page = await open(t, sandbox, { width, dark, height: width === 360 ? 740 : 800 });
    const name = `${width}${dark ? '-dark' : ''}`;
    await row(page, { seq: 4 }).waitFor();
    await screenshot(page, `${name}-normal`);
    await force(page, 'video-not-found', { hits: 3, owner: 'dana', reason: 'ticket 7' });
    await state(page, 'FORCING');
    await row(page, { outcome: 'bad-request' }).click();
    await page.getByTestId('copy-curl').waitFor();
    await screenshot(page, `${name}-forcing`);
    for (const tab of TABS.slice(1)) {
      await page.getByTestId(`tab-${tab}`).click();
      await page.locator(`#view-${tab} li, #view-${tab} [data-testid=item]`).first().waitFor();
      await screenshot(page, `${name}-${tab}`);
    }
    page.assertClean();
  });
}

test('the picture in the docs', { skip: !process.env.UPDATE_PICTURE }, async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox, { width: 1280, height: 700 });
  await sandbox.create({ ...GOOD, group: { name: 'Book club' } });
  await sandbox.create({ type: 4, communityId: GOOD.community_id });
  await sandbox.create(GOOD, 'wrong-token');
  await force(page, 'video-not-found', { hits: 3, owner: 'dana', reason: 'ticket 7' });
  await sandbox.create({ ...GOOD, recorded_video: { video_name: 'hello.mp4' } });
  await state(page, '2 of 3 left');
  await row(page, { outcome: 'unauthorized' }).waitFor();
  await row(page, { outcome: 'bad-request' }).click();
  await page.getByTestId('patched').waitFor();
  await page.screenshot({ path: '../../docs/console.png' });
});
