/** The messages of the open conversation: one view per row, made once and kept. */

import { arrange, show } from "chat/dom";
import { Follow } from "chat/follow";
import { viewOf } from "chat/message-view";
import { rows } from "chat/rows";
import { placeOf, threadOf } from "chat/state";
import { hasOlder } from "chat/thread";

const OLDER_WITHIN_PX = 400;

export class Log {
  #views = new Map();
  #place = null;
  #first = null;

  constructor({ scroller, list, older, welcome, missing, skeleton, jump }, act) {
    Object.assign(this, { scroller, list, older, welcome, missing, skeleton, act });
    this.follow = new Follow(scroller, jump);
    older.addEventListener("click", () => act.older());
    scroller.addEventListener("scroll", () => this.#nearTop(), { passive: true });
  }

  draw(state, context) {
    const place = placeOf(state);
    const shown = rows(state);
    const thread = threadOf(state);
    const moved = place !== this.#place && !this.#views.has(shown[0]?.key);
    if (moved) this.#views.clear();
    this.#place = place;
    this.mayLoadOlder = Boolean(thread && hasOlder(thread) && thread.older === "idle");
    show(this.older, Boolean(thread && hasOlder(thread)));
    show(this.welcome, !state.open && shown.length === 0);
    show(this.missing, Boolean(thread?.missing));
    show(this.skeleton, Boolean(thread && !thread.missing && thread.revision === null && shown.length === 0));
    this.list.setAttribute("aria-busy", String(shown.some((row) => row.live)));
    const grewAbove = !moved && this.#first && shown.some(({ key }, index) => key === this.#first && index > 0);
    const apply = () => this.#apply(shown, context);
    if (grewAbove) this.follow.holding(apply);
    else apply();
    this.#first = shown[0]?.key ?? null;
    if (moved) this.follow.toEnd();
    else this.follow.keep();
  }

  #apply(shown, context) {
    const nodes = shown.map((row) => this.#view(row, context).node);
    const keys = new Set(shown.map((row) => row.key));
    for (const key of this.#views.keys()) if (!keys.has(key)) this.#views.delete(key);
    arrange(this.list, nodes);
  }

  #view(row, context) {
    let held = this.#views.get(row.key);
    if (!held) {
      held = { view: viewOf(row, this.act), row: null, context: null };
      this.#views.set(row.key, held);
    }
    // A countdown is drawn again although nothing in the row changed.
    if (!sameRow(held.row, row) || held.context.key !== context.key || row.live?.retry) held.view.update(row, context);
    held.row = row;
    held.context = context;
    return held.view;
  }

  #nearTop() {
    if (this.mayLoadOlder && this.scroller.scrollTop < OLDER_WITHIN_PX) this.act.older();
  }
}

function sameRow(a, b) {
  return (
    a !== null && a.message === b.message && a.live === b.live && a.item === b.item && a.last === b.last &&
    a.versions.length === b.versions.length && !isPending(b)
  );
}

/** A message not yet acknowledged is made anew for each drawing. */
const isPending = (row) => row.item !== null && row.message.generation === undefined && row.message.created_at === undefined;
