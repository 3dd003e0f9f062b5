/** The panel of what shapes the answers of this conversation, and the button that opens it. */

import { button, element, setText, show } from "chat/dom";
import { ParameterField } from "chat/parameter-field";
import { FIELDS, countOf, withField } from "chat/parameters";
import { placeOf } from "chat/place";
import { PresetsView } from "chat/presets-view";
import { refusalOf } from "chat/requests";
import { paramsOf } from "chat/settings";
import { Sheet } from "chat/sheet";
import { words } from "chat/words";

export class ParametersView {
  #state = null;

  constructor(opener, act) {
    this.opener = opener;
    this.fields = FIELDS.map((name) => new ParameterField(name, (value) => act.params(withField(paramsOf(this.#state), name, value))));
    this.presets = new PresetsView(act);
    this.scope = element("p", { class: "sheet-note" });
    this.refused = element("p", { class: "field-problem", role: "alert", hidden: true });
    const done = button(null, words.done(), () => this.sheet.close(), { shown: true, class: "button primary" });
    this.sheet = new Sheet(
      words.parameters.title(),
      [this.scope, this.presets.node, ...this.fields.map(({ node }) => node), this.refused, element("div", { class: "sheet-end" }, done)],
      { closed: () => this.#takeAll(), className: "parameters" },
    );
    this.count = element("span", { class: "set-count", "aria-hidden": "true", hidden: true });
    opener.append(this.count);
    opener.addEventListener("click", () => {
      act.presets();
      this.sheet.show();
      this.draw(this.#state);
    });
  }

  draw(state) {
    this.#state = state;
    const params = paramsOf(state);
    const count = countOf(params);
    show(this.count, count > 0);
    setText(this.count, String(count));
    const label = words.parameters.open(count);
    if (this.opener.title !== label) this.opener.title = label;
    this.opener.setAttribute("aria-label", label);
    if (this.sheet.open) this.#drawSheet(state, params);
  }

  #drawSheet(state, params) {
    const place = placeOf(state);
    const refusal = refusalOf(state, `params:${place}`);
    for (const field of this.fields) field.update(place, params[field.name], refusal?.field?.startsWith(`params.${field.name}`));
    setText(this.scope, state.open ? words.parameters.ofThis() : words.parameters.ofNext());
    const isElsewhere = refusal && !FIELDS.some((name) => refusal.field?.startsWith(`params.${name}`));
    show(this.refused, Boolean(isElsewhere));
    if (isElsewhere) setText(this.refused, words.notStored(refusal));
    this.presets.draw(state);
  }

  #takeAll() {
    for (const field of this.fields) field.take();
  }
}
