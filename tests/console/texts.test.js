// Texts from outside stay text, wherever they come from; and what is copied or sent again is what was sent.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { open, row, state, useBrowser } from './browser.js';
import { CREATE, GOOD, start } from './sandbox.js';

useBrowser();

const HOSTILE = [
  '<img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script>',
  '"><svg onload=globalThis.hacked=1>',
  '</textarea></pre></div><b data-testid=call>forged</b>',
  'a\u202eb\u2066c\u0000d\u001b[31me\r\nf\u2028g',
  'javascript:globalThis.hacked=1//{{7*7}}${7*7}',
  `${'x'.repeat(15_000)}<i>`,
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467} \u0e01\u0e49\u0e49\u0e49\u0e49\u0e49\u0e49\u0e49\u0e49\u0e49 Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d',
];

/** Nothing ran, nothing was made of markup, and every row has its height. */
async function assertCalm(page, where) {
  const found = await page.evaluate(() => ({
    hacked: globalThis.hacked ?? null,
    foreign: [...document.querySelectorAll('body :is(img, script, svg, iframe, i, b[data-testid])')].map((node) => node.outerHTML),
    rows: [...document.querySelectorAll('[role=option]')].filter((node) => node.offsetParent && node.getBoundingClientRect().height !== 44).length,
    wide: document.documentElement.scrollWidth > innerWidth,
  }));
  assert.deepEqual(found, { hacked: null, foreign: [], rows: 0, wide: false }, where);
}

test('hostile texts in fields, headers, paths, owners and scenarios stay text', async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox);
  await state(page, 'NORMAL');
  for (const text of HOSTILE) {
    const header = text.replace(/[^\x20-\x7e]/g, '').slice(0, 1000);
    await sandbox.create({ ...GOOD, group: { name: text, description: text, members: [{ phone_number: '919876543210', name: text }] } });
    await sandbox.create({ ...GOOD, [text]: text, chat_id: text });
    await sandbox.create(text, 'gnsb_demo', { 'user-agent': header, 'x-request-id': header, 'x-sandbox-scenario': header, traceparent: header });
    await sandbox.send('POST', `/${encodeURIComponent(text).slice(0, 4000)}`, { headers: { authorization: 'Bearer gnsb_demo', 'content-type': header }, body: text });
    const line = encodeURIComponent(text).slice(0, 3000);
    await sandbox.send('POST', `/~${line}${CREATE}`, { headers: { authorization: 'Bearer gnsb_demo' }, body: text });
    const label = text.slice(0, 90);
    await sandbox.own('PUT', 'tenants/demo/scenario', { scenario: '5026', owner: label, reason: text.slice(0, 400), replace: true });
    await page.waitForFunction(() => document.querySelector('[data-testid=state]').textContent.includes('FORCING'));
    await sandbox.own('PUT', `scenarios/hostile-${HOSTILE.indexOf(text)}`, JSON.stringify({ version: 1, description: text, rules: [{ id: 'a', do: [{ outcome: 500 }] }] }));
  }
  const { seq } = await sandbox.last();
  await row(page, { seq }).waitFor();
  await assertCalm(page, 'the calls');
  for (let number = 1; number <= seq; number += 1) {
    await page.getByTestId('calls').focus();
    await page.keyboard.press(number === 1 ? 'End' : 'ArrowUp');
    await page.keyboard.press('Enter');
    if (number % 6 === 0) await assertCalm(page, `around ${number}`);
  }
  await page.getByTestId('raw').check();
  await assertCalm(page, 'raw');
  for (const tab of ['data', 'scenarios']) {
    await page.getByTestId(`tab-${tab}`).click();
    await page.locator(`#view-${tab} li, #view-${tab} [role=option]`).first().waitFor();
    await assertCalm(page, tab);
  }
  await page.locator('[data-name=hostile-0] summary').click();
  await page.locator('#view-scenarios').getByText('<img src=x onerror=').first().waitFor();
  for (const text of HOSTILE) {
    await page.getByTestId('editor').fill(text);
    await page.getByTestId('editor-check').filter({ hasText: /name|line/ }).waitFor();
  }
  await assertCalm(page, 'the editor');
  await page.getByTestId('tab-calls').click();
  await page.getByTestId('line').fill(HOSTILE[0]);
  await page.getByTestId('line-check').filter({ hasText: 'unknown outcome' }).waitFor();
  await page.getByTestId('apply').click();
  await page.locator('.toast.bad').first().waitFor();
  await page.getByTestId('tenant').fill(HOSTILE[1]);
  await page.keyboard.press('Enter');
  await page.locator('.toast').filter({ hasText: 'is no tenant' }).waitFor();
  await page.goto(`${sandbox.url}/_sandbox/?text=${encodeURIComponent(HOSTILE[0])}&status=%3Cb%3E&tab=__proto__&tenant=%3Cimg%3E`);
  await page.getByTestId('state').waitFor();
  await assertCalm(page, 'the address');
  page.assertClean();
});

test('what is hidden in a text is made visible', async (t) => {
  const sandbox = await start(t);
  await sandbox.create('a\u202eb\u001b[31mc\u0000\u00a0d\re');
  const page = await open(t, sandbox);
  await row(page, { seq: 1 }).click();
  await page.getByTestId('details').locator('pre').getByText('a\\u202eb\u241b[31mc\u2400\u00a0d\u240de').waitFor();
});

test('a copied command sends the same bytes', async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox, { permissions: ['clipboard-read', 'clipboard-write'] });
  await state(page, 'NORMAL');
  const bodies = [
    JSON.stringify(GOOD), "it's $HOME `id` \"x\" \\ \\n %s %% !!", '@/etc/passwd', '-x', '--data', '', ' ', '\n', '\r\n a\r\n',
    '\u0000\u0001\u0007\u001b[31m\u007f\u0085\u009b31m', 'a\tb\nc', 'caf\u00e9 \u{1f980} \u202e x', "'", "''\\''", '$(touch /tmp/x)', '{a,b}[1-3]', 'x'.repeat(16_000), `${'\n'.repeat(50)}%d\\0`,
    Buffer.from([0xff, 0xfe, 0x00, 0x25, 0x5c, 0x27, 0xc3]),
  ];
  for (const body of bodies) {
    const headers = { host: 'elsewhere.test', authorization: 'Bearer gnsb_demo', 'content-type': 'application/json', 'x-request-id': 'it\'s "$1"', accept: '*/*; q="a"' };
    await sandbox.send('PATCH', `/api/thirdparty/update_conversation/..%20[a]{b,c}?a=it's+%27$HOME&[1-2]={b,c}&/../&`, { headers, body });
    const before = await sandbox.last();
    await row(page, { seq: before.seq }).click();
    await page.getByTestId('details').getByText(`demo/${before.seq} ·`).waitFor();
    await page.getByTestId('copy-curl').click();
    await page.locator('.toast').filter({ hasText: 'copied as curl' }).first().waitFor();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    await page.evaluate(() => navigator.clipboard.writeText(''));
    assert.doesNotMatch(command, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/, 'nothing that a terminal acts on');
    assert.doesNotMatch(command, /gnsb_demo/, 'no token');
    for (const shell of ['sh', 'bash']) {
      const run = spawnSync(shell, ['-c', command], { env: { PATH: process.env.PATH, GENUIN_TOKEN: 'gnsb_demo' }, stdio: ['ignore', 'pipe', 'pipe'] });
      assert.equal(run.stderr.toString(), '', command);
      const after = await sandbox.last();
      const facts = ({ method, path, query, body, body_base64, headers }) => ({ method, path, query, body, base64: body_base64, ...Object.fromEntries(['host', 'content-type', 'x-request-id', 'accept', 'user-agent', 'authorization'].map((name) => [name, headers[name]])) });
      assert.deepEqual(facts(after), facts(before), command);
      assert.ok(after.seq > before.seq);
    }
  }
});

test('what cannot be copied by the page is shown to be copied by hand', async (t) => {
  const sandbox = await start(t);
  await sandbox.create();
  const page = await open(t, sandbox);
  // as it is over http on another machine
  await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await row(page, { seq: 1 }).click();
  await page.getByTestId('copy-curl').click();
  assert.match(await page.getByRole('dialog').locator('textarea').inputValue(), /^curl .*GENUIN_TOKEN/s);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

test('a call is sent again, with the token of the tenant', async (t) => {
  const sandbox = await start(t);
  await sandbox.send('POST', `/~412${CREATE}`, { headers: { authorization: 'Bearer gnsb_demo', 'content-type': 'application/json', 'idempotency-key': 'k1' }, body: JSON.stringify({ ...GOOD, group: { name: 'ünï' } }) });
  await sandbox.create('x'.repeat(20_000));
  const page = await open(t, sandbox);
  await row(page, { seq: 1 }).click();
  await page.getByTestId('send-again').click();
  await row(page, { seq: 3, status: 412 }).waitFor();
  const [first, again] = await Promise.all([1, 3].map((seq) => sandbox.own('GET', `tenants/demo/requests/${seq}`)));
  for (const name of ['method', 'path', 'body', 'outcome', 'selector']) assert.equal(again[name], first[name], name);
  for (const name of ['content-type', 'idempotency-key', 'authorization']) assert.equal(again.headers[name], first.headers[name], name);
  await row(page, { seq: 2 }).click();
  await page.getByTestId('details').getByText('demo/2 ·').waitFor();
  await page.getByTestId('send-again').click();
  await page.locator('.toast.bad').filter({ hasText: 'does not keep the whole body' }).waitFor();
  page.assertClean();
});

test('a scenario made of a call is right as it stands, and gives the same', async (t) => {
  const sandbox = await start(t);
  await sandbox.own('PUT', 'tenants/demo/scenario', { scenario: '1x5026/after-commit' });
  await sandbox.create();
  const page = await open(t, sandbox);
  await row(page, { seq: 1, outcome: 'video-not-found' }).click();
  await page.getByTestId('make-scenario').click();
  await page.getByTestId('editor-check').getByText('it can be loaded').waitFor();
  await page.getByTestId('upload').click();
  await page.locator('[data-name=from-demo-1]').waitFor();
  await page.getByRole('button', { name: 'Force from-demo-1' }).click();
  await page.getByTestId('apply').click();
  await state(page, 'FORCING from-demo-1');
  await sandbox.create();
  const last = await sandbox.last();
  assert.deepEqual([last.outcome, last.phase, last.committed, last.scenario], ['video-not-found', 'after-commit', true, 'from-demo-1']);
  await page.getByTestId('tab-scenarios').click();
  await page.locator('[data-name=from-demo-1]').getByText('1 hit here').waitFor();
  await page.getByRole('button', { name: 'Delete the upload from-demo-1' }).click();
  await page.locator('[data-name=from-demo-1]').waitFor({ state: 'detached' });
});

test('a scenario made of a held call holds in the same phase', async (t) => {
  const sandbox = await start(t);
  await sandbox.own('PUT', 'tenants/demo/scenario', { scenario: 'hold/after-validation' });
  const held = sandbox.create();
  const page = await open(t, sandbox);
  await row(page, { seq: 1, outcome: 'hold' }).click();
  await page.getByTestId('make-scenario').click();
  await page.getByTestId('editor-check').getByText('it can be loaded').waitFor();
  await page.getByTestId('upload').click();
  await page.locator('[data-name=from-demo-1]').waitFor();
  const [rule] = (await sandbox.own('GET', 'scenarios/from-demo-1')).rules;
  assert.deepEqual(rule.do, [{ outcome: 'hold', times: 1, phase: 'after-validation', chance: null }]);
  await sandbox.own('POST', 'tenants/demo/release', {});
  assert.equal((await held).status, 200);
});

test('the editor finds the name of a file in every form that can be uploaded', async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox, { query: '?tab=scenarios' });
  const json = (name) => ({ version: 1, rules: [{ id: 'a', match: { body: { name: 'x' } }, do: { outcome: 500 } }], name });
  for (const [name, text] of Object.entries({
    'one-line': JSON.stringify(json('one-line')),
    indented: JSON.stringify(json('indented'), null, 2),
    'in-braces': '{ version: 1, name: in-braces, rules: [{ id: a, do: { outcome: 500 } }] }',
    quoted: 'version: 1\nname: "quoted"\nrules:\n  - id: a\n    do: { outcome: 500 }\n',
  })) {
    await page.getByTestId('editor').fill(text);
    await page.getByTestId('upload').click();
    await page.locator(`[data-name=${name}]`).waitFor();
  }
  await page.getByTestId('editor').fill('{"version":1,"rules":[]}');
  await page.getByTestId('editor-check').getByText('the file needs a name').waitFor();
  page.assertClean();
});

test('a mistake in the editor is shown with its place', async (t) => {
  const sandbox = await start(t);
  const page = await open(t, sandbox, { query: '?tab=scenarios' });
  await page.getByTestId('editor').fill('version: 1\nname: mine\nrules:\n  - id: a\n    do: { outcom: 500 }\n');
  const check = page.getByTestId('editor-check');
  await check.filter({ hasText: 'line 5, column 9' }).waitFor();
  assert.match(await check.textContent(), / {4}do: \{ outcom: 500 \}\n {8}\^/);
  await page.getByTestId('upload').click();
  await page.locator('.toast.bad').filter({ hasText: 'line 5' }).waitFor();
  assert.equal((await sandbox.own('GET', 'scenarios')).scenarios.some(({ name }) => name === 'mine'), false);
});
