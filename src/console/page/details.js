// One call: what was sent and answered, why, and what to do with it.

import { go } from './address.js';
import { get, ofTenant } from './api.js';
import { curlCommand, target } from './curl.js';
import { button, buttons, checkbox, closeButton, copy, copyable, doing, fill, h, head, muted, note } from './dom.js';
import { applyPatches } from './patch.js';
import { scenarioOf } from './scenario_of.js';
import { fillEditor } from './scenarios.js';
import { sendAgain } from './send_again.js';
import { count, milliseconds, oneLine, pretty } from './text.js';
import { CHOOSERS, findingText, why } from './why.js';

export const details = h('section', { class: 'details', testid: 'details', label: 'Details of the call', tabindex: '-1', hidden: true,
  onkeydown: (event) => { if (event.key === 'Escape') closeDetails(true); } });

let open = null;
let shownEntry = null;

const rawBox = checkbox('raw', { onchange: () => {
  show(shownEntry);
  rawBox.focus();
} });

export const openKey = () => open;

export function openCall(tenant, seq, focus) {
  const key = `${tenant}/${seq}`;
  open = key;
  return doing(async () => {
    const entry = await get(ofTenant(`requests/${seq}`, tenant));
    if (open !== key) return;
    show(entry);
    if (focus) {
      details.focus({ preventScroll: true });
      details.scrollIntoView();
    }
  })();
}

export function closeDetails(focusList = false) {
  open = null;
  details.hidden = true;
  details.replaceChildren();
  document.body.classList.remove('with-details');
  if (focusList) document.querySelector('.calls .list')?.focus();
}

function show(entry) {
  shownEntry = entry;
  const status = entry.status ?? 'no answer';
  details.hidden = false;
  document.body.classList.add('with-details');
  fill(details,
    head(`${entry.id} · ${status} ${oneLine(entry.outcome, 60)}`,
      closeButton('Close the details', () => closeDetails(true), 'close')),
    h('p', { class: 'mono' }, `${oneLine(entry.method, 40)} ${oneLine(target(entry), 500)}`),
    buttons(
      button('Copy as curl', () => copy(curlCommand(entry, location.origin), 'as curl'), 'copy-curl'),
      button('Send again', () => sendAgain(entry), 'send-again'),
      button('Make a scenario of this', () => makeScenario(entry), 'make-scenario'),
      h('label', rawBox, ' raw')),
    h('h3', 'Why'), h('p', oneLine(why(entry), 1000)), h('ol', { class: 'path' }, path(entry).map((step) => h('li', step))),
    findings(entry), patched(entry),
    h('h3', 'Request'), message(entry.headers, entry.body, entry.body_truncated, entry.body_bytes),
    h('h3', 'Answer'), answer(entry),
    h('h3', 'Times'), times(entry));
  details.scrollTop = 0;
}

async function makeScenario(entry) {
  fillEditor(await scenarioOf(entry));
  go({ tab: 'scenarios' });
}

function path(entry) {
  const { endpoint, tenant, selector, scenario, rule, phase, outcome, status, committed } = entry;
  const steps = [`tenant ${tenant}, by the token`, endpoint ? `endpoint ${endpoint}` : 'no endpoint of the vendor\'s'];
  const who = CHOOSERS[selector];
  if (who) {
    steps.push(`scenario ${oneLine(scenario, 200)}, named by ${who}`);
    steps.push(rule ? `rule ${oneLine(rule, 100)} acted in the phase ${phase}` : 'no rule of it acted, so the contract answered');
  } else if (endpoint) {
    steps.push('no scenario, so the contract answered');
  }
  steps.push(`outcome ${oneLine(outcome, 60)}, ${status ?? 'no answer'}; ${committed ? 'the change was made' : 'nothing was changed'}`);
  return steps;
}

function findings({ findings, findings_omitted: omitted }) {
  if (!findings.length) return [];
  return [h('h3', 'Findings'), h('ul', { class: 'findings' },
    findings.map((finding) => h('li', { class: finding.severity }, h('b', finding.severity), ' ', oneLine(findingText(finding), 1000), ' ',
      muted(oneLine(finding.clause, 120)))),
    omitted && h('li', { class: 'muted' }, `and ${omitted} more`))];
}

function patched(entry) {
  if (entry.body_truncated || !entry.findings.some(({ patch }) => patch)) return [];
  let text;
  try {
    text = applyPatches(entry.body, entry.findings);
  } catch {
    return [];
  }
  return [h('h3', 'The body that would pass'), copyable('the repaired body', text, text, { testid: 'patched' })];
}

function answer(entry) {
  const { answer: sent, status, delivery } = entry;
  if (!sent) return note(delivery === 'pending' ? 'none yet' : status === null ? 'nothing was sent' : 'not kept');
  return message(sent.headers, sent.body ?? '', sent.truncated);
}

function message(headers, body, isCut, bytes) {
  const names = Object.keys(headers);
  const text = (!rawBox.checked && pretty(body)) || body;
  const lines = h('pre', { tabindex: '0', class: 'headers' },
    names.map((name) => `${name}: ${oneLine(headers[name] ?? '(not kept)', 2000)}`).join('\n'));
  return h('div', { class: 'message' },
    rawBox.checked ? lines : h('details', h('summary', count(names.length, 'header')), lines),
    body ? copyable('the body', body, text) : note('no body'),
    isCut && note(`Not all${bytes ? ` of ${bytes} bytes` : ''} is kept.`));
}

function times(entry) {
  const facts = {
    received: entry.received_at, answered: entry.answered_at, 'on the tenant\'s clock': entry.time,
    delivery: entry.delivery, delay: entry.delay_ms ? milliseconds(entry.delay_ms) : null, work: `${entry.duration_us} µs`,
    connection: entry.connection, trace: entry.trace,
  };
  return h('dl', Object.entries(facts).filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => [h('dt', name), h('dd', oneLine(value, 200))]));
}
