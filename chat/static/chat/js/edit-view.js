/** Editing a prompt in its place: sending makes a new version beside the old one. */

import { element, button } from "chat/dom";
import { words } from "chat/words";

export class EditView {
  /** `typed(text)` with each key; then `send(text)`, `discard()`, or `leave()` with the text as it is. */
  constructor(text, { typed, send, discard, leave }) {
    this.area = element("textarea", { class: "edit-text", rows: "1", "aria-label": words.edit(), dir: "auto" });
    this.area.value = text;
    const submit = () => this.text.trim() && send(this.text.trim());
    this.area.addEventListener("input", () => {
      typed(this.text);
      this.grow();
    });
    this.area.addEventListener("keydown", (event) => {
      if (event.key === "Escape") leave();
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      submit();
    });
    this.node = element(
      "div",
      { class: "edit" },
      this.area,
      element(
        "div",
        { class: "edit-actions" },
        button(null, words.cancel(), discard, { shown: true }),
        button(null, words.save(), submit, { shown: true, class: "button primary" }),
      ),
    );
  }

  get text() {
    return this.area.value;
  }

  focus() {
    this.area.focus();
    this.area.setSelectionRange(this.text.length, this.text.length);
  }

  grow() {
    this.area.style.height = "auto";
    this.area.style.height = `${this.area.scrollHeight}px`;
  }
}
