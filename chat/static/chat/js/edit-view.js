/** Editing a prompt in its place: sending makes a new version beside the old one. */

import { element, button } from "chat/dom";
import { words } from "chat/words";

export class EditView {
  constructor(content, { send, done }) {
    this.area = element("textarea", { class: "edit-text", rows: "1", "aria-label": words.edit(), dir: "auto" });
    this.area.value = content;
    const submit = () => {
      const text = this.area.value.trim();
      if (!text) return;
      done();
      if (text !== content.trim()) send(text);
    };
    this.area.addEventListener("input", () => this.#grow());
    this.area.addEventListener("keydown", (event) => {
      if (event.key === "Escape") done();
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
        button(null, words.cancel(), done, { shown: true }),
        button(null, words.save(), submit, { shown: true, class: "button primary" }),
      ),
    );
  }

  focus() {
    this.area.focus();
    this.area.setSelectionRange(this.area.value.length, this.area.value.length);
    this.#grow();
  }

  #grow() {
    this.area.style.height = "auto";
    this.area.style.height = `${this.area.scrollHeight}px`;
  }
}
