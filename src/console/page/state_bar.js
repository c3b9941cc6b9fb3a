// The bar that is always there: whether the tenant is normal, what affects its calls, and the button that ends it.

import { go } from './address.js';
import { encode, get, post, remove } from './api.js';
import { announce, button, byId, confirm, copyButton, doing, fill, h, setText, toast } from './dom.js';
import { held } from './held.js';
import { session } from './session.js';
import { ago, count, countdown, oneLine, timeOfDay } from './text.js';

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

const nodes = {};

/** What undoes a cause besides the tenant's override, and its button; others need another start. */
const UNDO = {
  'override-for-all': ['End it for all tenants…', endForAll],
  clock: ['Resume the clock', () => post(`tenants/${encode(session.tenant)}/clock`, { resume: true })],
  held: ['Release them', () => post(`tenants/${encode(session.tenant)}/release`, {})],
};

export function startStateBar() {
  nodes.word = h('strong', { class: 'word' });
  nodes.what = h('span', {});
  nodes.state = h('p', { class: 'state', testid: 'state' }, nodes.word, nodes.what);
  nodes.next = h('p', { class: 'next' });
  nodes.causes = h('ul', { class: 'causes', testid: 'causes' });
  nodes.choosing = h('p', { class: 'choosing' });
  nodes.names = h('datalist', { id: 'tenant-names' });
  nodes.tenant = h('input', {
    testid: 'tenant', list: 'tenant-names', size: '14', spellcheck: 'false', autocomplete: 'off',
    autocapitalize: 'none', maxlength: '63', onchange: chooseTenant, onfocus: doing(listTenants),
  });
  nodes.seed = h('span', {});
  nodes.clock = h('span', {});
  nodes.token = h('code', {});
  byId('bar').append(
    h('div', { class: 'now' },
      h('div', { class: 'says' }, nodes.state, nodes.next),
      button('Back to normal', backToNormal, 'back-to-normal', { class: 'main' })),
    nodes.causes);
  byId('facts').append(
    h('label', {}, 'tenant ', nodes.tenant, nodes.names),
    h('span', {}, 'base URL ', h('code', {}, location.origin), ' ', copyButton('the base URL', () => location.origin)),
    h('span', {}, 'token ', nodes.token, ' ', copyButton('the token', tenantToken)),
    h('span', {}, 'seed ', nodes.seed), h('span', {}, 'clock ', nodes.clock), nodes.choosing);
  session.addEventListener('change', show);
  setInterval(show, 1000);
  show();
}

export const tenantToken = () => `gnsb_${session.tenant}`;

async function listTenants() {
  const { tenants } = await get('tenants');
  fill(nodes.names, tenants.map(({ name }) => h('option', { value: name })));
}

function chooseTenant() {
  const name = nodes.tenant.value.trim();
  if (NAME.test(name) && name !== 'anonymous') {
    go({ tenant: name });
    return;
  }
  toast(name === 'anonymous'
    ? 'calls whose token names no tenant are shown with those of every tenant'
    : `${oneLine(name, 70)} is no tenant's name: write a-z, 0-9 and -, at most 63`, 'bad');
  nodes.tenant.value = session.tenant;
}

async function endForAll() {
  const { all } = session.overrides;
  const what = `${oneLine(all?.scenario ?? 'The override', 80)} is forced for all tenants${setBy(all)}.`;
  if (await confirm('End it for all tenants?', what, 'End it for all')) await remove('tenants/*/scenario');
}

async function backToNormal() {
  await remove(`tenants/${encode(session.tenant)}/scenario`);
  await session.refresh();
  const left = session.normal?.because.length ?? 0;
  if (session.normal && !session.normal.normal) toast(`the override has ended, but ${count(left, 'more thing')} can affect the next call: see above`, 'bad');
}

const setBy = (override) => {
  const by = [override?.owner, override?.reason].filter(Boolean).map((text) => oneLine(text, 120));
  return by.length ? ` · ${by.join(': ')}` : '';
};

/** How an override reads: `video-not-found · 2 of 3 left · 7:12 · dana: ticket 7`. */
function describe(override, scope) {
  const parts = [oneLine(override.scenario, 120) + scope];
  if (override.hits_left !== null) parts.push(`${override.hits_left} of ${override.hits} left`);
  if (override.ttl_left_s === null) parts.push('for ever');
  else parts.push(countdown(override.ttl_left_s - (performance.now() - session.receivedAt) / 1000));
  return parts.join(' · ') + setBy(override);
}

/** The kind of state, its word and what is said behind it. */
function state() {
  const { normal, overrides, goneSince, problem } = session;
  if (goneSince) return ['gone', 'NO ANSWER', `the server has not answered since ${timeOfDay(goneSince)} · trying again`];
  if (problem) return ['gone', 'UNKNOWN', oneLine(problem, 400)];
  if (!normal) return ['asking', 'ASKING', 'the server'];
  if (normal.normal) return ['normal', 'NORMAL', ''];
  if (overrides.own) return ['forcing', 'FORCING', describe(overrides.own, '')];
  if (overrides.all) return ['forcing', 'FORCING', describe(overrides.all, ' for all tenants')];
  const first = normal.because[0];
  return ['forcing', first.what === 'scenario' ? 'FORCING' : 'NOT NORMAL', oneLine(first.detail, 200)];
}

let announced = '';

function show() {
  const [kind, word, what] = state();
  byId('bar').className = kind;
  setText(nodes.word, word);
  setText(nodes.what, what && ` ${what}`);
  if (document.activeElement !== nodes.tenant) nodes.tenant.value = session.tenant;
  setText(nodes.token, tenantToken());
  setText(nodes.seed, String(session.status?.seed ?? '…'));
  showClock();
  showNext();
  showCauses(kind);
  showChoosing();
  const title = [word, kind === 'normal' || kind === 'asking' ? '' : what.split(' · ')[0], '·', session.tenant].filter(Boolean).join(' ');
  if (document.title !== title) document.title = title;
  byId('icon').href = icon(kind);
  if (announced !== title && kind !== 'asking') announce(title);
  announced = title;
}

function showClock() {
  const { clock, normal } = session;
  const moved = normal?.because.some((cause) => cause.what === 'clock');
  const text = clock && (clock.frozen ? `frozen at ${clock.now}` : moved ? `set to ${clock.now}` : 'real');
  setText(nodes.clock, text || '…');
}

function showNext() {
  const { normal } = session;
  if (!normal || session.goneSince || session.problem) {
    setText(nodes.next, '');
    return;
  }
  const answer = ({ outcome, status }) => `${status ?? 'no answer'} ${oneLine(outcome, 60)}`;
  const seconds = normal.last && normal.last.seconds_ago + (performance.now() - session.receivedAt) / 1000;
  const last = normal.last ? `last call: ${answer(normal.last)}, ${ago(seconds)}` : 'no call yet';
  setText(nodes.next, `next Create Group: ${answer(normal.next)} · ${last}`);
}

function showCauses(kind) {
  const causes = kind === 'forcing' ? session.normal.because : [];
  // the override's own line is the state itself
  const rest = causes.filter((cause) => cause.what !== 'override');
  const drawn = JSON.stringify(rest);
  nodes.causes.hidden = rest.length === 0;
  if (nodes.causes.dataset.drawn === drawn) return;
  nodes.causes.dataset.drawn = drawn;
  fill(nodes.causes, rest.map(causeLine));
}

async function undoCause(undo) {
  await undo();
  await session.refresh();
  await held.refresh();
}

function causeLine(cause) {
  const undo = UNDO[cause.what];
  return h('li', {}, h('b', {}, cause.what.replaceAll('-', ' ')), ' ', oneLine(cause.detail, 400), ' ',
    undo
      ? button(undo[0], () => undoCause(undo[1]), `undo-${cause.what}`, { class: 'small' })
      : h('span', { class: 'muted' }, 'To end this, start the server without it.'));
}

function showChoosing() {
  const { normal } = session;
  const choosing = normal?.choosing ?? [];
  nodes.choosing.hidden = choosing.length === 0;
  const lines = choosing.map(({ user_agent: agent, scenario, selector, calls }) =>
    `${oneLine(agent ?? 'a client', 40)} asks for ${oneLine(scenario, 40)} by ${selector} (${count(calls, 'call')})`);
  setText(nodes.choosing, oneLine(`Callers that choose for themselves: ${lines.join('; ')}`, 400));
}

/** The state for the browser's tab: shapes that differ, as colours may not be seen. */
function icon(kind) {
  const shapes = {
    normal: '<circle cx="8" cy="8" r="7" fill="#1a7f4b"/><path d="M4.5 8.5l2.5 2.5 4.5-5.5" fill="none" stroke="#fff" stroke-width="2"/>',
    forcing: '<path d="M8 0l8 15H0z" fill="#d9480f"/><path d="M8 5v5m0 1.5v2" stroke="#fff" stroke-width="2"/>',
    gone: '<path d="M2 2l12 12M14 2L2 14" stroke="#868e96" stroke-width="3"/>',
    asking: '<circle cx="8" cy="8" r="6" fill="none" stroke="#868e96" stroke-width="2"/>',
  };
  return `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${shapes[kind]}</svg>`)}`;
}
