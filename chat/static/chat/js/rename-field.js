/** The title of a conversation, edited in its place: Enter and leaving save, Escape gives up. */

import { element } from "chat/dom";
import { words } from "chat/words";

export const TITLE_CHARS = 200;

export class RenameField {
  #over = false;

  /** `save(title)` is called with a new title, then `done(byKey)` in any case, once. */
  constructor(title, { save, done }) {
    this.title = title;
    this.save = save;
    this.done = done;
    this.node = element("input", {
      class: "rename", type: "text", maxlength: TITLE_CHARS, dir: "auto", enterkeyhint: "done", autocomplete: "off",
      "aria-label": words.list.newTitle(),
    });
    this.node.value = title;
    this.node.addEventListener("keydown", (event) => this.#key(event));
    this.node.addEventListener("blur", () => this.#end(true));
  }

  focus() {
    this.node.focus();
    this.node.select();
  }

  #key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    // The drawer stays open.
    event.stopPropagation();
    this.#end(event.key === "Enter", true);
  }

  #end(isSaved, byKey = false) {
    if (this.#over) return;
    this.#over = true;
    const title = this.node.value.trim().replace(/\s+/g, " ");
    if (isSaved && title && title !== this.title) this.save(title);
    this.done(byKey);
  }
}
