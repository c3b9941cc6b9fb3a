// The page: the bar, the views, and what is shown of them.

import { address, go, onAddress } from './address.js';
import { calls, details } from './calls.js';
import * as checklistView from './checklist.js';
import * as dataView from './data.js';
import { byId, h } from './dom.js';
import { held } from './held.js';
import * as scenariosView from './scenarios.js';
import { session } from './session.js';
import { startStateBar } from './state_bar.js';
import { switchboard } from './switchboard.js';

const VIEWS = {
  calls: { title: 'Calls' },
  data: { title: 'Data', refresh: dataView.refresh },
  scenarios: { title: 'Scenarios', refresh: scenariosView.refresh },
  checklist: { title: 'Checklist', refresh: checklistView.refresh },
};

startStateBar();
VIEWS.calls.node = h('div', { class: 'calls-view' }, switchboard(), h('div', { class: 'live' }, held.node, calls()), details);
VIEWS.data.node = dataView.data();
VIEWS.scenarios.node = scenariosView.scenarios();
VIEWS.checklist.node = checklistView.checklist();

const tabs = h('div', { role: 'tablist', label: 'Views', onkeydown: moveTab });
byId('tabs').append(tabs);
for (const [name, view] of Object.entries(VIEWS)) {
  view.tab = h('button', { role: 'tab', id: `tab-${name}`, testid: `tab-${name}`, 'aria-controls': `view-${name}`, onclick: () => go({ tab: name }) }, view.title);
  tabs.append(view.tab);
  byId('view').append(h('div', { role: 'tabpanel', class: 'panel', id: `view-${name}`, 'aria-labelledby': `tab-${name}` }, view.node));
}

function moveTab(event) {
  const names = Object.keys(VIEWS);
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const name = names[(names.indexOf(address().tab) + step + names.length) % names.length];
  go({ tab: name });
  VIEWS[name].tab.focus();
}

let shown = '';

function show() {
  const tab = address().tab in VIEWS ? address().tab : 'calls';
  for (const [name, view] of Object.entries(VIEWS)) {
    const isShown = name === tab;
    view.tab.setAttribute('aria-selected', isShown);
    view.tab.tabIndex = isShown ? 0 : -1;
    byId(`view-${name}`).hidden = !isShown;
  }
  document.body.dataset.tab = tab;
  if (shown === '') VIEWS[tab].refresh?.();
  shown = tab;
}

onAddress(show);
show();
session.start();
