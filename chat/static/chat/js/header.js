/** The line above the log: title, model, and how the page stands with the server. */

import { element, setText, show } from "chat/dom";
import { labelOf, nameOf, notesOf } from "chat/model-words";
import { currentModel } from "chat/settings";
import { words } from "chat/words";

// A connection that opens at once needs no words.
const QUIET_MS = 700;

export class Header {
  #models = null;
  #since = performance.now();

  constructor({ title, chooser, chosen, picker, model, demo, connection, connectionText, retry }, act) {
    Object.assign(this, { title, chooser, chosen, picker, model, demo, connection, connectionText, retry });
    this.modelName = element("span");
    this.modelNote = element("span", { class: "model-note" });
    model.append(this.modelName, this.modelNote);
    picker.setAttribute("aria-label", words.chooseModel());
    picker.addEventListener("change", () => act.model(picker.value));
    retry.addEventListener("click", () => act.reconnect());
  }

  draw(state) {
    const title = state.conversations[state.open]?.title || words.untitled();
    setText(this.title, title);
    document.title = state.open && title !== words.untitled() ? `${title} · ${words.product}` : words.product;
    this.#drawModel(state);
    this.#drawConnection(state.connection);
  }

  #drawModel(state) {
    if (this.#models !== state.models) {
      this.#models = state.models;
      this.picker.replaceChildren(
        ...state.models.map((model) =>
          element("option", { value: model.id, text: labelOf(model), disabled: model.available === false }),
        ),
      );
    }
    const model = currentModel(state);
    const several = state.models.length > 1;
    show(this.chooser, several);
    show(this.model, Boolean(model) && !several && !state.demo);
    show(this.demo, state.demo);
    if (state.demo) this.#label(several ? null : model);
    if (!model) return;
    if (several) this.picker.value = model.id;
    const refusing = model.available === false;
    const name = refusing ? `${nameOf(model)} · ${words.unavailableNow()}` : nameOf(model);
    // The list says all of each model; closed, there is room for the name.
    setText(this.chosen, name);
    setText(this.modelName, name);
    setText(this.modelNote, notesOf({ ...model, available: true }));
    for (const shown of [this.chosen, this.model]) shown.classList.toggle("refusing", refusing);
    this.picker.title = notesOf(model);
  }

  /** "SmolLM2 135M (local demo model)" says what it is; where room is scarce that part alone, on a phone a word of it. */
  #label(model) {
    const title = model ? nameOf(model) : "";
    if (this.demo.title === title && this.demo.hasChildNodes()) return;
    const [, name, note] = /^(.+?) \((.+)\)$/.exec(title) ?? [null, title, words.demoModel()];
    this.demo.title = title;
    this.demo.replaceChildren(
      element("span", { class: "demo-name", text: name }),
      element("span", { class: "demo-note", text: note }),
      element("span", { class: "demo-short", text: words.demo() }),
    );
  }

  #drawConnection({ phase, attempt, retryAt }) {
    const quiet = phase === "connecting" && attempt === 0 && performance.now() - this.#since < QUIET_MS;
    show(this.connection, phase !== "ready" && phase !== "signed_out" && !quiet);
    this.connection.dataset.phase = phase;
    show(this.retry, phase === "offline");
    if (phase === "offline") setText(this.connectionText, words.offline(retryAt - Date.now()));
    else setText(this.connectionText, attempt ? words.reconnecting() : words.connecting());
  }
}
