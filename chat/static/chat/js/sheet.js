/** A dialog with a heading and a way out; on a phone it takes the whole screen. */

import { button, element } from "chat/dom";
import { words } from "chat/words";

let made = 0;

export class Sheet {
  /** `closed` is called when it was closed, however that was done. */
  constructor(title, content, { closed = () => {}, className = "" } = {}) {
    const id = `sheet-${++made}`;
    this.node = element(
      "dialog",
      { class: `sheet ${className}`.trim(), "aria-labelledby": id },
      element("div", { class: "sheet-top" }, element("h2", { id, text: title }), button("close", words.close(), () => this.close())),
      element("div", { class: "sheet-body" }, ...content),
    );
    // What is outside of the dialog's box is its backdrop.
    this.node.addEventListener("click", (event) => event.target === this.node && this.#isOutside(event) && this.close());
    this.node.addEventListener("close", () => closed());
    document.body.append(this.node);
  }

  get open() {
    return this.node.open;
  }

  show() {
    if (!this.node.open) this.node.showModal();
  }

  close() {
    this.node.close();
  }

  #isOutside({ clientX: x, clientY: y }) {
    const { left, right, top, bottom } = this.node.getBoundingClientRect();
    return x < left || x > right || y < top || y > bottom;
  }
}
