/** One parameter: its label, what it does, what is written, and what is wrong with that. */

import { button, element, setText, show } from "chat/dom";
import { isSet, readField, textOf } from "chat/parameters";
import { words } from "chat/words";

const MANY_LINES = { system_prompt: "4", stop: "2" };

export class ParameterField {
  #place = null;
  #value;
  #edited = false; // something was written here since it was last taken
  #left = new Map(); // by place: a text that is no value

  /** `commit(value)` is called with what was written, undefined when it was cleared. */
  constructor(name, commit) {
    const id = `parameter-${name}`;
    this.name = name;
    this.commit = commit;
    this.input = this.#inputOf(id);
    this.clear = button(null, words.parameters.clear(), () => this.#cleared(), {
      shown: true, class: "link-button", "aria-label": words.parameters.clearOf(name),
    });
    this.problem = element("p", { class: "field-problem", id: `${id}-problem`, role: "alert" });
    this.node = element(
      "div",
      { class: "field" },
      element("div", { class: "field-top" }, element("label", { for: id, text: words.parameters.names[name]() }), this.clear),
      this.input,
      element("p", { class: "field-help", id: `${id}-help`, text: words.parameters.help[name]() }),
      this.problem,
    );
  }

  /** Show `value`, unless something is being written here, or is no value: that is not taken away. */
  update(place, value, refused) {
    if (place !== this.#place) this.#goTo(place);
    if (!this.#edited && this.input.value !== textOf(this.name, value)) this.input.value = textOf(this.name, value);
    this.#value = value;
    show(this.clear, isSet(value) || this.input.value !== "");
    this.#tell(refused || Boolean(readField(this.name, this.input.value).problem));
  }

  /** Take what is written; what is no value stays, and is told. */
  take() {
    const { value, problem } = readField(this.name, this.input.value);
    this.#tell(Boolean(problem));
    if (problem || !this.#edited) return;
    this.#edited = false;
    if (textOf(this.name, value) !== textOf(this.name, this.#value)) this.commit(value);
  }

  #inputOf(id) {
    const rows = MANY_LINES[this.name];
    const input = element(rows ? "textarea" : "input", {
      id, class: "field-input", rows, type: rows ? null : "text", inputmode: rows ? null : "decimal", dir: rows ? "auto" : null,
      placeholder: words.parameters.byDefault(), autocomplete: "off", "aria-describedby": `${id}-help ${id}-problem`,
    });
    input.addEventListener("change", () => this.take());
    input.addEventListener("input", () => {
      this.#edited = true;
      show(this.clear, this.input.value !== "");
      if (input.getAttribute("aria-invalid") === "true") this.#tell(Boolean(readField(this.name, input.value).problem));
    });
    return input;
  }

  #cleared() {
    this.input.value = "";
    this.#edited = true;
    this.take();
    this.input.focus();
  }

  #goTo(place) {
    if (readField(this.name, this.input.value).problem) this.#left.set(this.#place, this.input.value);
    else this.#left.delete(this.#place);
    this.#place = place;
    this.#value = undefined;
    this.#edited = this.#left.has(place);
    this.input.value = this.#left.get(place) ?? "";
  }

  #tell(isWrong) {
    setText(this.problem, isWrong ? words.parameters.problems[this.name]() : "");
    this.input.setAttribute("aria-invalid", String(isWrong));
  }
}
