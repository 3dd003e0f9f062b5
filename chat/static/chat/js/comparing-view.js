/** Choosing the models that answer the next prompt side by side, and the line that says which they are. */

import { FEWEST, MOST, chosen, toggled } from "chat/comparing";
import { button, element, setText, show } from "chat/dom";
import { nameOf, notesOf } from "chat/model-words";
import { currentModel } from "chat/settings";
import { Sheet } from "chat/sheet";
import { words } from "chat/words";

export class ComparingView {
  #state = null;
  #models = null;
  #marked = []; // chosen in the sheet, and not yet for the next prompt

  constructor({ openComparing, comparing }, act) {
    this.opener = openComparing;
    this.line = comparing;
    this.said = element("span");
    comparing.append(this.said, button("close", words.comparing.leave(), () => act.comparing([])));
    this.list = element("div", { class: "compare-list", role: "group", "aria-label": words.comparing.models() });
    this.go = button("columns", words.comparing.go(), () => this.#go(act), { shown: true, class: "button primary" });
    this.sheet = new Sheet(words.comparing.title(), [
      element("p", { class: "sheet-note", text: words.comparing.about(FEWEST, MOST) }), this.list, element("div", { class: "sheet-end" }, this.go),
    ]);
    openComparing.addEventListener("click", () => this.#show());
  }

  draw(state) {
    this.#state = state;
    show(this.opener, state.models.length >= FEWEST);
    const models = chosen(state);
    show(this.line, models.length > 0);
    const names = models.map((id) => nameOf(state.models.find((model) => model.id === id)));
    if (models.length) setText(this.said, words.comparing.next(names));
    this.opener.setAttribute("aria-pressed", String(models.length > 0));
    if (this.sheet.open) this.#drawList();
  }

  #show() {
    const current = currentModel(this.#state)?.id;
    const before = chosen(this.#state);
    if (before.length) this.#marked = before;
    else if (this.#marked.length < FEWEST) this.#marked = current ? [current] : [];
    this.sheet.show();
    this.#drawList();
  }

  #drawList() {
    const { models } = this.#state;
    if (this.#models !== models) {
      this.#models = models;
      this.boxes = models.map((model) => this.#box(model));
      this.list.replaceChildren(...this.boxes.map(({ node }) => node));
      this.#marked = this.#marked.filter((id) => models.some((model) => model.id === id && model.available !== false));
    }
    for (const { id, box, available } of this.boxes) {
      box.checked = this.#marked.includes(id);
      box.disabled = !available || (!box.checked && this.#marked.length >= MOST);
    }
    this.go.disabled = this.#marked.length < FEWEST;
  }

  #box(model) {
    const { id } = model;
    const box = element("input", { type: "checkbox", onchange: () => {
      this.#marked = toggled(this.#marked, id);
      this.#drawList();
    } });
    const node = element("label", { class: "compare-model" }, box, element("span", {}, element("b", { text: nameOf(model) }), element("small", { text: notesOf(model) })));
    return { id, box, node, available: model.available !== false };
  }

  #go(act) {
    act.comparing(this.#marked);
    this.sheet.close();
    act.write();
  }
}
