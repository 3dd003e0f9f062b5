/** The messages of the open conversation: one view per row, made once and kept. */

import { arrange, setText, show } from "chat/dom";
import { Follow } from "chat/follow";
import { viewOf } from "chat/row-view";
import { newsOf, standingOf } from "chat/news";
import { rows } from "chat/rows";
import { placeOf, threadOf } from "chat/place";
import { hasOlder } from "chat/thread";
import { Views } from "chat/views";
import { words } from "chat/words";

const OLDER_WITHIN_PX = 400;
const FOUND_MS = 2500;

export class Log {
  #views;
  #place = null;
  #first = null;
  #last = null; // how the last row stands
  #left = null; // how it stood when the reader left the end

  constructor({ scroller, list, older, welcome, missing, skeleton, jump }, act) {
    Object.assign(this, { scroller, list, older, welcome, missing, skeleton, act });
    this.jump = jump;
    this.#views = new Views((row) => viewOf(row, act));
    this.follow = new Follow(scroller, list, jump, () => (this.#left = this.#last));
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
    show(this.welcome, !state.open && shown.length === 0);
    // What was not sent to it is still there to be taken back.
    show(this.missing, Boolean(thread?.missing) && !shown.some((row) => row.item));
    show(this.skeleton, Boolean(thread && !thread.missing && thread.revision === null && shown.length === 0));
    this.list.parentElement.classList.toggle("in-columns", shown.some((row) => row.columns));
    this.list.setAttribute("aria-busy", String(shown.some((row) => row.live)));
    const grewAbove = !moved && this.#first && shown.some(({ key }, index) => key === this.#first && index > 0);
    const apply = () => {
      show(this.older, Boolean(thread && hasOlder(thread)));
      arrange(this.list, this.#views.nodes(shown, context));
    };
    if (grewAbove) this.follow.holding(apply);
    else apply();
    this.#first = shown[0]?.key ?? null;
    this.#last = standingOf(shown.at(-1));
    this.#tellNews();
    if (moved) {
      this.#left = this.#last;
      this.follow.toEnd();
    }
    else this.follow.keep();
    if (state.jump?.phase === "found") this.#jumpTo(state.jump);
  }

  /** Show a message that was searched for, and for a moment which one it is. */
  #jumpTo({ message }) {
    const node = this.list.querySelector(`[data-id="${CSS.escape(message)}"]`);
    this.act.jumpShown();
    if (!node) return;
    this.follow.toNode(node);
    node.classList.add("found-here");
    setTimeout(() => node.classList.remove("found-here"), FOUND_MS);
    node.tabIndex = -1;
    // After the composer, which takes the focus in a conversation that has just been opened.
    queueMicrotask(() => node.focus({ preventScroll: true }));
  }

  /** Open the last prompt for editing, if it can be. */
  editLast() {
    const last = [...this.list.querySelectorAll(".prompt")].at(-1);
    const held = this.#views.get(last?.dataset.id);
    if (!held || held.row.item) return false;
    held.view.startEdit();
    return true;
  }

  #tellNews() {
    const news = newsOf(this.#left, this.#last);
    this.jump.dataset.news = news;
    setText(this.jump.lastElementChild, words.jump(news));
  }

  #nearTop() {
    if (this.mayLoadOlder && this.scroller.scrollTop < OLDER_WITHIN_PX) this.act.older();
  }
}
