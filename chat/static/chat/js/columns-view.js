/** Answers of several models beside each other; on a phone one goes from one to the next sideways. */

import { arrange, button, element, setText, show } from "chat/dom";
import { AnswerView } from "chat/message-view";
import { Views } from "chat/views";
import { words } from "chat/words";

export class ColumnsView {
  #views;

  constructor(act) {
    this.#views = new Views((row) => new ColumnView(row, act));
    this.list = element("div", { class: "columns-list", tabindex: "0", role: "group", "aria-label": words.comparing.answers() });
    this.node = element("div", { class: "columns" }, this.list);
  }

  update({ columns }, context) {
    this.list.dataset.count = columns.length;
    arrange(this.list, this.#views.nodes(columns, context));
  }
}

class ColumnView {
  #row = null;

  constructor(row, act) {
    // Tried again, it is tried with the same model.
    const regenerate = (answer) => act.regenerate(answer, this.#row.model);
    this.answer = new AnswerView({ ...act, regenerate });
    this.title = element("h3", { dir: "auto" });
    this.keep = button("check", words.comparing.keep(), () => act.keep(this.#row), { shown: true });
    this.node = element("section", { class: "column" }, element("div", { class: "column-top" }, this.title, this.keep), this.answer.node);
  }

  update(row, context) {
    this.#row = row;
    const title = context.modelTitle(row.model);
    setText(this.title, title);
    this.node.setAttribute("aria-label", title);
    show(this.keep, row.keepable);
    this.answer.update(row, context);
  }
}
