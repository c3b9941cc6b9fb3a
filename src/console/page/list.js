// A list of which only the rows in sight are elements, so that it may have any length. Arrow keys move in it,
// Enter opens a row.

import { h, inFrame } from './dom.js';

const ROW_HEIGHT = 44;
const SPARE_ROWS = 6;

let lists = 0;

export class VirtualList {
  #rows = new Map();
  #items = [];
  #activeKey = null;

  /** `draw` makes the content of a row, `key` names an item for good, `open` is what a click does. */
  constructor({ label, testid, draw, key, open }) {
    Object.assign(this, { draw, key, open, id: `list-${lists += 1}`, render: inFrame(() => this.#render()) });
    this.space = h('div', { class: 'space', role: 'presentation' });
    this.node = h('div', {
      class: 'list', role: 'listbox', tabindex: '0', label, testid,
      onscroll: this.render, onkeydown: (event) => this.#keydown(event),
      onclick: (event) => this.#click(event),
    }, this.space);
    new ResizeObserver(this.render).observe(this.node);
  }

  /** Shows other items, the first of them on top. What is in sight stays in place, but at the very top. */
  show(items, added = 0) {
    this.#items = items;
    if (added && this.node.scrollTop > 0) {
      this.space.style.height = `${items.length * ROW_HEIGHT}px`;
      this.node.scrollTop += added * ROW_HEIGHT;
      // at once, so that nobody sees the list moved and its rows not
      this.#render();
    } else {
      this.render();
    }
  }

  #render() {
    const { node } = this;
    const items = this.#items;
    this.space.style.height = `${items.length * ROW_HEIGHT}px`;
    const first = Math.max(0, Math.floor(node.scrollTop / ROW_HEIGHT) - SPARE_ROWS);
    const last = Math.min(items.length, Math.ceil((node.scrollTop + node.clientHeight) / ROW_HEIGHT) + SPARE_ROWS);
    const before = this.#rows;
    this.#rows = new Map();
    let active = null;
    for (let index = first; index < last; index += 1) {
      const item = items[index];
      const key = this.key(item);
      let row = before.get(key);
      if (row?.item !== item || row.version !== item.version) {
        row?.node.remove();
        row = { item, version: item.version, node: this.draw(item) };
        row.node.setAttribute('role', 'option');
        row.node.classList.add('row');
        row.node.id = `${this.id}-${key}`;
      }
      before.delete(key);
      this.#rows.set(key, row);
      row.node.style.top = `${index * ROW_HEIGHT}px`;
      row.node.setAttribute('aria-posinset', index + 1);
      row.node.setAttribute('aria-setsize', items.length);
      const isActive = key === this.#activeKey;
      row.node.setAttribute('aria-selected', isActive);
      if (isActive) active = row.node.id;
    }
    for (const row of before.values()) row.node.remove();
    // in the order in which they are seen, for those who hear them
    [...this.#rows.values()].forEach(({ node: row }, place) => {
      const there = this.space.children[place];
      if (there !== row) this.space.insertBefore(row, there ?? null);
    });
    if (active) node.setAttribute('aria-activedescendant', active);
    else node.removeAttribute('aria-activedescendant');
  }

  #click(event) {
    const row = event.target.closest('.row');
    for (const [key, { node, item }] of this.#rows) if (node === row) this.#choose(key, item, true);
  }

  #choose(key, item, opens) {
    this.#activeKey = key;
    this.render();
    this.open(item, opens);
  }

  #keydown(event) {
    if (event.target !== this.node || event.ctrlKey || event.metaKey || event.altKey) return;
    const items = this.#items;
    const at = items.findIndex((item) => this.key(item) === this.#activeKey);
    const page = Math.max(1, Math.floor(this.node.clientHeight / ROW_HEIGHT) - 1);
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: items.length - 1 };
    if ((event.key === 'Enter' || event.key === ' ') && at >= 0) {
      this.#choose(this.#activeKey, items[at], true);
    } else if (event.key in moves && items.length) {
      const index = Math.min(Math.max(moves[event.key], 0), items.length - 1);
      this.#scrollTo(index);
      this.#choose(this.key(items[index]), items[index], false);
    } else {
      return;
    }
    event.preventDefault();
  }

  #scrollTo(index) {
    const top = index * ROW_HEIGHT;
    const { scrollTop, clientHeight } = this.node;
    if (top < scrollTop) this.node.scrollTop = top;
    else if (top + ROW_HEIGHT > scrollTop + clientHeight) this.node.scrollTop = top + ROW_HEIGHT - clientHeight;
  }
}
