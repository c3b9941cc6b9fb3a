// Lines are described as they act, and can act after the group is made.

import assert from 'node:assert/strict';
import test from 'node:test';
import { force, open, state, useBrowser } from './browser.js';
import { start } from './sandbox.js';

useBrowser();

test('what a line does is said with its endpoint, delay, chance, phase and number', async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox);
  const file = {
    version: 1,
    rules: [{ id: 'a', limit: 7, rate: '5/1s', match: { endpoint: 'add_users', nth: 2 }, do: { outcome: 'ok', delay: { min: '1s', max: '2s' } } }],
  };
  await sandbox.own('PUT', 'scenarios/without-words', JSON.stringify(file));
  for (const [line, said] of Object.entries({
    'ok+800ms': 'every call: ok (delay 800ms)',
    'hold(3)': 'every call: hold(3)',
    hold: 'every call: hold',
    'auth:412': 'every call: precondition-failed; for auth',
    '500@0.04%': 'every call: server-error (chance 0.04%)',
    '500@7%': 'every call: server-error (chance 7%)',
    '500@0%': 'every call: server-error (chance 0%)',
    '2x500/before-auth, ok+2s*': '2 calls: server-error (phase before-auth), then every call: ok (delay 2s)',
    'without-words': 'every call: ok (delay min 1s max 2s); for add_users; rate 5/1s; limit 7; match {"nth":2}',
  })) {
    await page.getByTestId('line').fill(line);
    await page.waitForFunction((text) => document.querySelector('[data-testid=line-check]').textContent === text, said);
  }
  await page.getByTestId('tab-scenarios').click();
  await page.locator('[data-name=rush-hour] summary').click();
  await page.getByText('every call: rate-limited (chance 10%, retry_after 2); for create_group').waitFor();
  page.assertClean();
});

test('every failure of a line that names no phase acts after the group is made', async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox);
  await state(page, 'NORMAL');
  const [line, box] = [page.getByTestId('line'), page.getByTestId('after-commit')];
  for (const [without, after] of [
    ['500', '500/after-commit'],
    ['500*', '500/after-commit*'],
    ['2x500, ok*', '2x500/after-commit, ok*'],
    [' 3 x 5026 @ 30% + 1s * ', ' 3 x 5026 @ 30% + 1s/after-commit * '],
    ['auth: 404, reset*', 'auth: 404/after-commit, reset/after-commit*'],
    ['hold(2), ok, 412', 'hold(2)/after-commit, ok, 412/after-commit'],
    ['500/before-auth, 502', '500/before-auth, 502/after-commit'],
  ]) {
    await line.fill(without);
    assert.equal(await box.isChecked(), false, without);
    await box.check();
    assert.equal(await line.inputValue(), after);
    await box.uncheck();
    assert.equal(await line.inputValue(), without);
  }
  for (const other of [`5${' '.repeat(5000)}0`, 'flaky-twice', 'ok', '2xok, ok*', '500/before-auth', '500, nonsense']) {
    await line.fill(other);
    assert.equal(await box.isDisabled(), true, other);
    await page.getByText('(only with a line of failures)').waitFor();
  }
  // whichever of the two comes first
  await line.fill('');
  await box.check();
  await line.pressSequentially('1x500, ok*');
  assert.equal(await box.isChecked(), true);
  await line.press('Enter');
  await state(page, 'FORCING 1x500/after-commit, ok*');
  assert.equal((await sandbox.create()).status, 500);
  assert.equal((await sandbox.own('GET', 'tenants/demo/groups')).groups.length, 1);
  await line.fill('500/after-commit');
  assert.equal(await box.isChecked(), true);
  await line.fill('500');
  assert.equal(await box.isChecked(), false);
  page.assertClean();
});

test('no number of minutes is the number that is shown in its place', async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox);
  await state(page, 'NORMAL');
  const minutes = page.getByTestId('minutes');
  await minutes.fill('');
  await force(page, 'server-error');
  await state(page, 'FORCING server-error');
  const { override } = await sandbox.own('GET', 'tenants/demo/scenario');
  const left = override.ttl_left_s / 60;
  assert.equal(Math.ceil(left), Number(await minutes.getAttribute('placeholder')));
});

test('what has nothing left to do is said to force nothing, and can be started again', async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox);
  const line = page.getByTestId('line');
  await state(page, 'NORMAL');
  await line.fill('2x404');
  await page.getByTestId('hits').fill('9');
  await page.getByTestId('owner').fill('dana');
  await line.press('Enter');
  await state(page, 'FORCING 2x404 · 9 of 9 left');
  assert.equal(await page.getByTestId('undo-override').count(), 0);
  for (const status of [404, 404, 200]) assert.equal((await sandbox.create()).status, status);
  const said = '2x404 forces nothing any more on calls to create_group until the scenario counters are reset';
  await page.getByTestId('causes').getByText(said).waitFor();
  await line.press('Enter');
  await page.locator('.toast.bad').filter({ hasText: said }).waitFor();
  await page.getByTestId('undo-override').click();
  await page.getByTestId('undo-override').waitFor({ state: 'detached' });
  await state(page, /^FORCING 2x404 · 9 of 9 left · 9:\d\d · dana$/);
  for (const status of [404, 404, 200]) assert.equal((await sandbox.create()).status, status);
  page.assertClean();
});
