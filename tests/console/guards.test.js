// Who gets nothing: pages of other origins, names that rebind, frames, and those without the admin token.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import test from 'node:test';
import { open, row, state, useBrowser } from './browser.js';
import { start } from './sandbox.js';

useBrowser();

/** The address of a page of another origin, with this markup. */
async function elsewhere(t, html) {
  const server = http.createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(html);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `http://localhost:${server.address().port}/`;
}

test('a page of another origin can neither frame the console, nor read it, nor run its scripts', async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox);
  await state(page, 'NORMAL');
  const other = await elsewhere(t, `<iframe src="${sandbox.url}/_sandbox/"></iframe><a id="link" href="${sandbox.url}/_sandbox/">console</a>`);
  await page.goto(other, { waitUntil: 'load' });
  const framed = page.frames().find((frame) => frame !== page.mainFrame());
  assert.equal(await framed.locator('[data-testid=state]').count(), 0);
  assert.ok(!(await framed.content()).includes('genuin-sandbox</title>'));
  for (const target of ['/_sandbox/', '/_sandbox/console/app.js', '/_sandbox/v1/status']) {
    const read = await page.evaluate((url) => fetch(url).then((answer) => answer.text(), () => null), sandbox.url + target);
    assert.equal(read, null, target);
    const run = await page.evaluate((src) => new Promise((resolve) => {
      const script = Object.assign(document.createElement('script'), { src, onload: () => resolve(true), onerror: () => resolve(false) });
      document.body.append(script);
    }), sandbox.url + target);
    assert.equal(run, false, target);
  }
  const change = `${sandbox.url}/_sandbox/v1/tenants/demo/scenario`;
  const forced = await page.evaluate((url) => fetch(url, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"scenario":"500"}' }).then(() => true, () => false), change);
  assert.equal(forced, false);
  assert.equal((await sandbox.own('GET', 'tenants/demo/scenario')).override, null);
  // but a link leads here
  await page.locator('#link').click();
  await state(page, 'NORMAL');
});

test('its own origin cannot frame it either', async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox);
  await state(page, 'NORMAL');
  const framed = await page.evaluate(() => new Promise((resolve) => {
    const frame = Object.assign(document.createElement('iframe'), { src: '/_sandbox/' });
    frame.onload = () => resolve(frame.contentDocument === null);
    document.body.append(frame);
  }));
  assert.equal(framed, true, 'the frame shows an error page');
});

test('a name that DNS points here gets nothing', async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox);
  const { port } = new URL(sandbox.url);
  for (const target of ['/_sandbox/', '/_sandbox/console/app.js', '/_sandbox/v1/status']) {
    const answer = await page.goto(`http://evil.example:${port}${target}`);
    assert.equal(answer.status(), 421, target);
    assert.equal(await page.locator('[data-testid=state]').count(), 0);
  }
});

test('the admin token is asked for, kept in the tab, and never part of an address', async (t) => {
  const token = 'S3cret-token/?&';
  const sandbox = await start(t, '--admin-token', token);
  const page = await open(t, sandbox);
  const input = page.getByTestId('admin-token');
  await input.fill('wrong');
  await page.getByTestId('admin-token-apply').click();
  await page.getByText('This token is not the right one.').waitFor();
  await input.fill('no\u00efve \u2713');
  await input.press('Enter');
  await page.getByText('This token is not the right one.').waitFor();
  await page.keyboard.press('Escape');
  await input.fill(token);
  await input.press('Enter');
  await state(page, 'NORMAL');
  await sandbox.create();
  await row(page, { seq: 1 }).waitFor();
  await page.reload();
  await state(page, 'NORMAL');
  assert.equal(await page.evaluate(() => localStorage.length + document.cookie.length), 0);
  assert.equal(page.url(), `${sandbox.url}/_sandbox/`);
  assert.ok(page.addresses.length > 10);
  assert.deepEqual(page.addresses.filter((address) => decodeURIComponent(address).includes('S3cret')), []);
  const other = await page.context().newPage();
  await other.goto(`${sandbox.url}/_sandbox/`);
  await other.getByTestId('admin-token').waitFor();
  page.assertClean();
});

test('a closed API is said to be closed', async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox);
  await state(page, 'NORMAL');
  await sandbox.stop();
  sandbox.options = ['--admin', 'off'];
  await sandbox.restart();
  await state(page, 'the own API is closed to this browser');
});
