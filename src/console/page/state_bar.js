// The bar that is always there: whether the tenant is normal, what affects its calls, and the button that ends it.

import { go, tokenOf, whyNoTenant } from './address.js';
import { get, ofTenant, post, remove } from './api.js';
import { announce, button, byId, confirm, copyButton, doing, field, fill, h, muted, setText, small, toast } from './dom.js';
import { held } from './held.js';
import { findOutcome } from './outcomes.js';
import { session } from './session.js';
import { set, usedUp } from './switchboard.js';
import { ago, count, countdown, oneLine, timeOfDay } from './text.js';

const nodes = {};

/** What undoes a cause, and its button; others need another start. */
const UNDO = {
  override: ['Reset them and force it again', startAgain],
  'override-for-all': ['End it for all tenants…', endForAll],
  clock: ['Resume the clock', () => post(ofTenant('clock'), { resume: true })],
  held: ['Release them', () => post(ofTenant('release'), {})],
};

export function startStateBar() {
  byId('bar').append(
    h('div', { class: 'now' },
      h('div',
        h('p', { class: 'state', testid: 'state' }, nodes.word = h('strong', { class: 'word' }), nodes.what = h('span')),
        nodes.next = h('p', { class: 'next' })),
      button('Back to normal', backToNormal, 'back-to-normal', { class: 'main' })),
    nodes.causes = h('ul', { class: 'causes', testid: 'causes' }));
  byId('facts').append(
    h('label', 'tenant ', nodes.tenant = field('tenant', {
      list: 'tenant-names', size: '14', autocapitalize: 'none', maxlength: '63', onchange: chooseTenant, onfocus: doing(async () => fill(nodes.names, (await get('tenants')).tenants.map(({ name }) => h('option', { value: name })))),
    }), nodes.names = h('datalist', { id: 'tenant-names' })),
    h('span', 'base URL ', h('code', location.origin), ' ', copyButton('the base URL', () => location.origin)),
    nodes.tokenPart = h('span', 'token ', nodes.token = h('code'), ' ', copyButton('the token', () => tokenOf(session.tenant))),
    h('span', 'seed ', nodes.seed = h('span')), h('span', 'clock ', nodes.clock = h('span')),
    nodes.choosing = h('p', { class: 'choosing' }));
  session.addEventListener('change', show);
  setInterval(show, 1000);
  show();
}

function chooseTenant() {
  const name = nodes.tenant.value.trim();
  if (tokenOf(name)) go({ tenant: name });
  else toast(whyNoTenant(name), 'bad');
  nodes.tenant.value = session.tenant;
}

/** Forces for the rest of the time what has nothing left to do, from its beginning. */
async function startAgain() {
  const { scenario, hits, ttl_left_s: seconds, owner, reason } = session.overrides.own;
  await post(ofTenant('reset'), { what: ['scenarios'] });
  const ttl = seconds === null ? 'forever' : `${seconds + 1}s`;
  await set(session.tenant, { scenario, hits, ttl, owner, reason });
}

async function endForAll() {
  const { all } = session.overrides;
  const what = `${oneLine(all?.scenario ?? 'The override', 80)} is forced for all tenants${setBy(all)}.`;
  if (await confirm('End it for all tenants?', what, 'End it for all')) await remove(ofTenant('scenario', '*'));
}

async function backToNormal() {
  const ended = session.cause('override') ? 'the override has ended' : 'this tenant has no override';
  await remove(ofTenant('scenario'));
  await session.refresh();
  const { normal } = session;
  if (normal && !normal.normal) toast(`${ended}, but ${count(normal.because.length, 'thing')} can affect the next call: see above`, 'bad');
}

const setBy = (override) => {
  const by = [override?.owner, override?.reason].filter(Boolean).map((text) => oneLine(text, 120));
  return by.length ? ` · ${by.join(': ')}` : '';
};

/** How an override reads: `video-not-found · 2 of 3 left · 7:12 · dana: ticket 7`. */
function describe(override, scope) {
  const { scenario, hits, hits_left: hitsLeft, ttl_left_s: seconds } = override;
  const left = hitsLeft === null ? '' : ` · ${hitsLeft} of ${hits} left`;
  const time = seconds === null ? 'for ever' : countdown(seconds - session.age);
  return `${oneLine(findOutcome(scenario)?.name ?? scenario, 120)}${scope}${left} · ${time}${setBy(override)}`;
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

function show() {
  const [kind, word, what] = state();
  byId('bar').className = kind;
  setText(nodes.word, word);
  setText(nodes.what, what && ` ${what}`);
  if (document.activeElement !== nodes.tenant) nodes.tenant.value = session.tenant;
  const token = tokenOf(session.tenant);
  nodes.tokenPart.hidden = !token;
  setText(nodes.token, token ?? '');
  setText(nodes.seed, String(session.status?.seed ?? '…'));
  showClock();
  showNext();
  showCauses(kind);
  showChoosing();
  const title = [word, kind === 'normal' || kind === 'asking' ? '' : what.split(' · ')[0], '·', session.tenant].filter(Boolean).join(' ');
  byId('icon').href = icon(kind);
  if (document.title === title) return;
  document.title = title;
  if (kind !== 'asking') announce(title);
}

function showClock() {
  const { clock } = session;
  const text = clock && (clock.frozen ? `frozen at ${clock.now}` : session.cause('clock') ? `set to ${clock.now}` : 'real');
  setText(nodes.clock, text ?? '…');
}

function showNext() {
  const { normal, goneSince, problem } = session;
  const answer = ({ outcome, status }) => `${status ?? 'no answer'} ${oneLine(outcome, 60)}`;
  const last = normal?.last ? `last call: ${answer(normal.last)}, ${ago(normal.last.seconds_ago + session.age)}` : 'no call yet';
  setText(nodes.next, normal && !goneSince && !problem ? `next Create Group: ${answer(normal.next)} · ${last}` : '');
}

function showCauses(kind) {
  const causes = kind === 'forcing' ? session.normal.because : [];
  const { own } = session.overrides;
  // what the override forces is the state itself
  const rest = causes.flatMap((cause) => (
    cause.what !== 'override' ? cause : own?.used_up_for ? { ...cause, detail: usedUp(own) } : []));
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
  return h('li', h('b', cause.what.replaceAll('-', ' ')), ' ', oneLine(cause.detail, 400), ' ',
    undo
      ? small(undo[0], () => undoCause(undo[1]), null, `undo-${cause.what}`)
      : muted('To end this, start the server without it.'));
}

function showChoosing() {
  const choosing = session.normal?.choosing ?? [];
  nodes.choosing.hidden = choosing.length === 0;
  const lines = choosing.map(({ user_agent: agent, scenario, selector, calls }) =>
    `${oneLine(agent ?? 'a client', 40)} asks for ${oneLine(scenario, 40)} by ${selector} (${count(calls, 'call')})`);
  setText(nodes.choosing, oneLine(`Callers that choose for themselves: ${lines.join('; ')}`, 400));
}

/** The state for the browser's tab: shapes that differ, as colours may not be seen. */
function icon(kind) {
  const [shape, colour] = { normal: '✔#1a7f4b', forcing: '▲#d9480f', gone: '✖#868e96', asking: '○#868e96' }[kind].split(/(?=#)/);
  const text = `<text y="14" font-size="16" fill="${colour}">${shape}</text>`;
  return `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${text}</svg>`)}`;
}
