/** The presets above the parameters: choose, save what is set as one, rename, delete. */

import { button, element, setText, show } from "chat/dom";
import { NAME_CHARS, plainName, presetInUse, presetsOf, problemOf } from "chat/presets";
import { refusalOf } from "chat/requests";
import { uuid } from "chat/uuid";
import { words } from "chat/words";

const NONE = "";

export class PresetsView {
  #state = null;
  #options = "";
  #asking = null; // {kind: save|rename|delete, preset}
  #told = null; // the preset whose storing is being told of

  constructor(act) {
    this.act = act;
    this.select = element("select", { id: "preset", class: "field-input" });
    this.select.addEventListener("change", () => this.select.value && act.usePreset(this.select.value));
    const quiet = { shown: true, class: "link-button" };
    this.save = button(null, words.presets.saveAs(), () => this.#ask("save"), quiet);
    this.rename = button(null, words.presets.rename(), () => this.#ask("rename"), quiet);
    this.remove = button(null, words.presets.remove(), () => this.#ask("delete"), quiet);
    this.problem = element("p", { class: "field-problem", role: "alert", id: "preset-problem" });
    this.node = element(
      "div",
      { class: "field presets", role: "group", "aria-label": words.presets.title() },
      element("div", { class: "field-top" }, element("label", { for: "preset", text: words.presets.one() })),
      this.select,
      element("div", { class: "preset-actions" }, this.save, this.rename, this.remove),
      this.#question(),
      this.problem,
    );
  }

  draw(state) {
    this.#state = state;
    const presets = presetsOf(state);
    const used = presetInUse(state);
    this.#drawOptions(presets);
    this.select.value = used?.id ?? NONE;
    for (const action of [this.rename, this.remove]) show(action, Boolean(used) && !this.#asking);
    show(this.save, !used && !this.#asking);
    this.#tell();
  }

  #drawOptions(presets) {
    const key = JSON.stringify(presets.map(({ id, name }) => [id, name]));
    if (key === this.#options) return;
    this.#options = key;
    const none = element("option", { value: NONE, text: presets.length ? words.presets.none() : words.presets.noneYet() });
    this.select.replaceChildren(none, ...presets.map(({ id, name }) => element("option", { value: id, text: name })));
  }

  /** The line that asks for a name, or whether to delete. */
  #question() {
    this.name = element("input", {
      type: "text", class: "field-input", maxlength: String(NAME_CHARS), dir: "auto", autocomplete: "off",
      "aria-label": words.presets.name(), "aria-describedby": "preset-problem",
    });
    this.name.addEventListener("input", () => this.#named());
    this.name.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#end(event);
      if (event.key === "Enter" && !event.isComposing) this.#answer();
    });
    this.sure = element("span");
    this.yes = button(null, words.presets.save(), () => this.#answer(), { shown: true, class: "button primary" });
    const no = button(null, words.cancel(), () => this.#end(), { shown: true });
    this.question = element("div", { class: "preset-question", hidden: true }, this.sure, this.name, this.yes, no);
    return this.question;
  }

  #ask(kind) {
    const used = presetInUse(this.#state);
    this.#asking = { kind, preset: kind === "save" ? uuid() : used.id };
    this.#forget();
    this.name.value = kind === "rename" ? used.name : "";
    show(this.name, kind !== "delete");
    show(this.sure, kind === "delete");
    if (kind === "delete") setText(this.sure, words.presets.sure(used.name));
    setText(this.yes.firstChild, kind === "delete" ? words.presets.remove() : words.presets.save());
    show(this.question, true);
    setText(this.problem, "");
    this.draw(this.#state);
    (kind === "delete" ? this.yes : this.name).focus();
  }

  /** A preset of that name is there already: saving replaces it. */
  #sameName() {
    return this.#asking?.kind === "save" ? presetsOf(this.#state).find(({ name }) => name === plainName(this.name.value)) : undefined;
  }

  #named() {
    setText(this.yes.firstChild, this.#sameName() ? words.presets.replace() : words.presets.save());
    setText(this.problem, "");
  }

  #answer() {
    const { kind, preset } = this.#asking;
    if (kind === "delete") {
      this.act.deletePreset(preset);
      return this.#end();
    }
    const id = this.#sameName()?.id ?? preset;
    const problem = problemOf(this.#state, this.name.value, id);
    if (problem) {
      setText(this.problem, words.presets.problems[problem]());
      return this.name.focus();
    }
    this.#told = id;
    if (kind === "save") this.act.savePreset(id, this.name.value);
    else this.act.renamePreset(id, this.name.value);
    this.#end();
  }

  #end(event) {
    event?.preventDefault();
    event?.stopPropagation();
    this.#asking = null;
    show(this.question, false);
    this.draw(this.#state);
    this.select.focus();
  }

  /** What another tab did meanwhile can still refuse a name. */
  #tell() {
    const refusal = this.#told && refusalOf(this.#state, `preset:${this.#told}`);
    if (refusal) setText(this.problem, words.presets.refusal(refusal));
  }

  #forget() {
    if (this.#told) this.act.forgetRefusal(`preset:${this.#told}`);
    this.#told = null;
  }
}
