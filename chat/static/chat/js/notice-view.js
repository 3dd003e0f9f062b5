/** What became of a conversation, with a way back; said in passing, and not while the person is at it. */

import { button, element } from "chat/dom";
import { keyOf } from "chat/keys";
import { words } from "chat/words";

const SHOWN_MS = 10_000;

export class NoticeView {
  #drawn = null;
  #timer = null;

  constructor(node, act) {
    Object.assign(this, { node, act });
    for (const name of ["pointerenter", "focusin"]) node.addEventListener(name, () => clearTimeout(this.#timer));
    for (const name of ["pointerleave", "focusout"]) node.addEventListener(name, () => this.#wait());
    document.addEventListener("keydown", (event) => this.#undoKey(event));
  }

  draw({ notice }) {
    if (notice === this.#drawn) return;
    this.#drawn = notice;
    clearTimeout(this.#timer);
    this.node.replaceChildren(...(notice ? [this.#made(notice)] : []));
    if (notice) this.#wait();
  }

  #made(notice) {
    const text = element("span", { class: "notice-text", text: words.list.notice(notice) });
    const undo = notice.kind === "refused" ? null : button(null, words.list.undo(), () => this.act.undo(), { shown: true, class: "link-button" });
    return element("div", { class: "notice", "data-kind": notice.kind }, text, undo, button("close", words.list.dismiss(), () => this.#over()));
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#over(), SHOWN_MS);
  }

  #over() {
    if (this.#drawn) this.act.noticeOver(this.#drawn.key);
  }

  /** Ctrl+Z, but where it takes back what was written. */
  #undoKey(event) {
    const { ctrlKey, metaKey, shiftKey, target } = event;
    if (keyOf(event) !== "z" || !(ctrlKey || metaKey) || shiftKey) return;
    if (!this.#drawn || this.#drawn.kind === "refused" || target.value) return;
    event.preventDefault();
    this.act.undo();
  }
}
