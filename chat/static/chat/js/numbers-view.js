/** The numbers of an answer: a quiet line that is a button, and the whole list it opens. */

import { detailsOf, numbersOf } from "chat/answer-numbers";
import { element, setText, show } from "chat/dom";
import { icon } from "chat/icons";
import { words } from "chat/words";

let made = 0;

export class NumbersView {
  #drawn = null;

  constructor() {
    const id = `numbers-${++made}`;
    this.line = element("span");
    this.list = element("div", { class: "details", id, role: "group", "aria-label": words.numbers.all(), hidden: true });
    this.button = element(
      "button",
      {
        type: "button", class: "numbers", title: words.numbers.all(),
        "aria-expanded": "false", "aria-controls": id, onclick: () => this.#open(this.list.hidden),
      },
      this.line,
      icon("chevron"),
    );
  }

  /** `generation` null: the answer is being written, and there are none yet. */
  update(generation, modelTitle) {
    this.generation = generation;
    this.modelTitle = modelTitle;
    setText(this.line, (generation && numbersOf(generation, modelTitle)) || words.numbers.all());
    if (!generation) this.#open(false);
    else if (!this.list.hidden) this.#draw();
  }

  #open(wanted) {
    show(this.list, wanted);
    this.button.setAttribute("aria-expanded", String(wanted));
    if (!wanted) return;
    this.#draw();
    this.list.scrollIntoView({ block: "nearest" });
  }

  #draw() {
    if (this.#drawn === this.generation) return;
    this.#drawn = this.generation;
    const groups = detailsOf(this.generation, this.modelTitle).map(({ title, entries }) =>
      element(
        "section",
        {},
        element("h3", { text: title }),
        element("dl", {}, ...entries.map(([name, value]) =>
          element("div", {}, element("dt", { text: name }), element("dd", { text: value, dir: "auto" })))),
      ),
    );
    const note = this.generation.continues && element("p", { text: words.numbers.ofLastPart() });
    this.list.replaceChildren(...groups, ...(note ? [note] : []));
  }
}
