// The page: the bar, the views, and what is shown of them.

import { address, go, onAddress } from './address.js';
import { calls, details } from './calls.js';
import { checklist, refresh as refreshChecklist } from './checklist.js';
import { data, refresh as refreshData } from './data.js';
import { byId, h } from './dom.js';
import { held } from './held.js';
import { refresh as refreshScenarios, scenarios } from './scenarios.js';
import { session } from './session.js';
import { startStateBar } from './state_bar.js';
import { switchboard } from './switchboard.js';

startStateBar();

const VIEWS = {
  calls: { title: 'Calls', node: h('div', { class: 'calls-view' }, switchboard(), h('div', { class: 'live' }, held.node, calls()), details) },
  data: { title: 'Data', node: data(), refresh: refreshData },
  scenarios: { title: 'Scenarios', node: scenarios(), refresh: refreshScenarios },
  checklist: { title: 'Checklist', node: checklist(), refresh: refreshChecklist },
};

const tabs = h('div', { role: 'tablist', label: 'Views', onkeydown: moveTab });
byId('tabs').append(tabs);
for (const [name, view] of Object.entries(VIEWS)) {
  view.tab = h('button', { role: 'tab', id: `tab-${name}`, testid: `tab-${name}`, 'aria-controls': `view-${name}`, onclick: () => go({ tab: name }) }, view.title);
  view.panel = h('div', { role: 'tabpanel', class: 'panel', id: `view-${name}`, 'aria-labelledby': `tab-${name}` }, view.node);
  tabs.append(view.tab);
  byId('view').append(view.panel);
}

function moveTab(event) {
  const names = Object.keys(VIEWS);
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const name = names[(names.indexOf(address().tab) + step + names.length) % names.length];
  go({ tab: name });
  VIEWS[name].tab.focus();
}

function show() {
  const tab = address().tab in VIEWS ? address().tab : 'calls';
  for (const [name, view] of Object.entries(VIEWS)) {
    const isShown = name === tab;
    view.tab.setAttribute('aria-selected', isShown);
    view.tab.tabIndex = isShown ? 0 : -1;
    view.panel.hidden = !isShown;
  }
  document.body.dataset.tab = tab;
  VIEWS[tab].refresh?.();
}

onAddress(show);
show();
session.start();
