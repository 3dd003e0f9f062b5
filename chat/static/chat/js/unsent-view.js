/** The line below a message that has not been sent: how it stands, and what can be done about a refused one. */

import { arrange, button, element, setText, show } from "chat/dom";
import { offersOf, unsentWords } from "chat/unsent";
import { words } from "chat/words";

export class UnsentView {
  #key = null;
  #offers = "";

  constructor(act) {
    this.text = element("span");
    this.node = element("div", { class: "unsent", hidden: true }, this.text);
    this.buttons = {
      retry: button("again", words.retry(), () => act.retry(this.#key), { shown: true }),
      reclaim: button("edit", words.edit(), () => act.reclaim(this.#key), { shown: true }),
      discard: button("close", words.discard(), () => act.discard(this.#key), { shown: true }),
    };
  }

  /** `row` is shown while it waits, or null. */
  update(row, context) {
    show(this.node, Boolean(row));
    if (!row) return;
    this.#key = row.item.key;
    const { tone, text } = unsentWords(row, context);
    this.node.dataset.tone = tone;
    setText(this.text, text);
    const offers = offersOf(row);
    if (offers.join() === this.#offers) return;
    this.#offers = offers.join();
    arrange(this.node, [this.text, ...offers.map((name) => this.buttons[name])]);
  }
}
