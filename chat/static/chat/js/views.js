/** The views of rows, each made once and kept while its row is there; one is touched only where its row has changed. */

import { ticks } from "chat/answer-words";

export class Views {
  #held = new Map();

  /** `make(row)` gives a new view. */
  constructor(make) {
    this.make = make;
  }

  has(key) {
    return this.#held.has(key);
  }

  /** `{view, row}` under `key`, or undefined. */
  get(key) {
    return this.#held.get(key);
  }

  clear() {
    this.#held.clear();
  }

  /** The nodes of `rows`, as they are to be shown now; views of other rows are let go. */
  nodes(rows, context) {
    const nodes = rows.map((row) => this.#view(row, context).node);
    const keys = new Set(rows.map((row) => row.key));
    for (const key of this.#held.keys()) if (!keys.has(key)) this.#held.delete(key);
    return nodes;
  }

  #view(row, context) {
    let held = this.#held.get(row.key);
    if (!held) {
      held = { view: this.make(row), row: null, context: null };
      this.#held.set(row.key, held);
    }
    if (!isSame(held.row, row) || held.context.key !== context.key || isTicking(row)) held.view.update(row, context);
    held.row = row;
    held.context = context;
    return held.view;
  }
}

const isTicking = (row) => (row.columns ?? [row]).some(ticks);

function isSame(a, b) {
  if (a?.columns || b.columns) return false;
  return (
    a !== null && a.message === b.message && a.live === b.live && a.item === b.item && a.last === b.last &&
    a.versions.length === b.versions.length && a.rating === b.rating && a.unrated === b.unrated &&
    a.draft === b.draft && !isPending(b)
  );
}

/** A message not yet acknowledged is made anew for each drawing. */
const isPending = (row) => row.item !== null && row.message.generation === undefined && row.message.created_at === undefined;
