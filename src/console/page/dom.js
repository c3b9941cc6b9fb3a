// Makes elements. Text from outside becomes text nodes and attribute values, never markup.

import { visible } from './text.js';

/** An element with attributes, listeners (`onclick`) and children; `testid` is its `data-testid`, `label` its name for those who hear it. */
export function h(tag, ...children) {
  const node = document.createElement(tag);
  const props = children[0]?.constructor === Object ? children.shift() : {};
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === 'function') node.addEventListener(key.slice(2), value);
    else if (key === 'testid') node.dataset.testid = value;
    else if (key === 'label') node.setAttribute('aria-label', value);
    else if (key === 'value' || key === 'checked') node[key] = value;
    else node.setAttribute(key, value === true ? '' : value);
  }
  fill(node, children);
  return node;
}

/** Puts these in the place of what is in an element; what is false is left out. */
export function fill(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter((child) => child || child === 0));
}

/** Sets the text of an element only if it differs, so that nothing is drawn or read out again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export const byId = (id) => document.getElementById(id);

export function toast(text, kind = '') {
  const node = h('div', { class: `toast ${kind}` }, text, closeButton('Dismiss', () => node.remove()));
  byId('toasts').append(node);
  announce(text);
  setTimeout(() => node.remove(), 8000);
}

export function announce(text) {
  setText(byId('announcer'), text);
}

/** Runs what a button does, and shows why it failed. */
export function doing(action) {
  return async (event) => {
    try {
      await action(event);
    } catch (error) {
      toast(error.message, 'bad');
    }
  };
}

/** Draws once in a frame, however often it is called. */
export function inFrame(draw) {
  let wanted = false;
  return () => {
    if (wanted) return;
    wanted = true;
    requestAnimationFrame(() => {
      wanted = false;
      draw();
    });
  };
}

/** Runs an action some time after the last of several calls. */
export function later(ms, action) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, ms);
  };
}

/** Asks, and shows the answer unless it has asked again meanwhile. */
export function newest(ask, show) {
  let asked = 0;
  return async () => {
    const number = asked += 1;
    const answer = await ask();
    if (number === asked) show(answer);
  };
}

/** Asks before something that is hard to undo; whether it was confirmed. */
export function confirm(title, text, yes) {
  return ask(title, (close) => [
    h('p', text),
    buttons(button('Cancel', () => close(false)), button(yes, () => close(true), 'confirm', { class: 'main' })),
  ]);
}

/** Opens a dialog with what `content` makes; gives what it is closed with, `undefined` for Escape. */
export function ask(title, content) {
  return new Promise((resolve) => {
    const dialog = h('dialog', { label: title }, h('h2', title));
    let answer;
    const close = (value) => {
      answer = value;
      dialog.close();
    };
    dialog.append(...content(close));
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    toast(`copied ${what}`);
  } catch {
    // without https there is no clipboard but on this machine
    const area = h('textarea', { class: 'copied', readonly: true, rows: 8, label: what, value: text });
    const shown = ask(`Copy ${what}`, (close) => [area, buttons(button('Close', () => close()))]);
    area.select();
    await shown;
  }
}

/** A button, and a form; when the action fails, the reason is shown. */
export const button = (label, action, testid, props = {}) =>
  h('button', { type: 'button', testid, onclick: doing(action), ...props }, label);

export function form(props, action, ...children) {
  const run = doing(action);
  return h('form', { ...props, onsubmit: (event) => { event.preventDefault(); run(); } }, children);
}

/** A field for text that no browser completes or corrects. */
export const field = (testid, props) => h('input', { testid, spellcheck: 'false', autocomplete: 'off', ...props });

export const checkbox = (testid, props) => h('input', { type: 'checkbox', testid, ...props });

export const small = (label, action, name, testid) => button(label, action, testid, { class: 'small', label: name });

export const closeButton = (name, action, testid) => button('×', action, testid, { class: 'quiet', label: name });

export const buttons = (...all) => h('p', { class: 'buttons' }, all);

export const copyButton = (what, text) =>
  small('copy', () => copy(text(), what), `Copy ${what}`);

/** A text that scrolls, with a button that copies it. */
export const copyable = (what, text, shown = text, props = {}) =>
  h('div', { class: 'body' }, h('pre', { tabindex: '0', ...props }, visible(shown)), copyButton(what, () => text));

export const muted = (...text) => h('span', { class: 'muted' }, text);

export const note = (...text) => h('p', { class: 'muted' }, text);

export const head = (title, ...more) => h('div', { class: 'head' }, h('h2', title), more);

/** A section that its title names, with what stands beside the title. */
export const section = (kind, title, beside, ...content) =>
  h('section', { class: kind, label: title }, head(title, beside), content);
