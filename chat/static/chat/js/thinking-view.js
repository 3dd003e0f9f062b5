/** The reasoning, in a fold that says how long it took. */

import { element, setText, show } from "chat/dom";
import { recall, remember } from "chat/storage";
import { MarkdownView } from "chat/markdown-view";
import { words } from "chat/words";

const OPEN = "thoughts-open";

export class ThinkingView {
  #latest = { text: "", thinking: false };
  #chosen = false;
  #began = false;

  constructor() {
    this.label = element("span");
    this.text = new MarkdownView();
    this.node = element(
      "details",
      { class: "thinking", hidden: true },
      element("summary", { onclick: () => this.#choose(!this.node.open) }, this.label),
      element("div", { class: "thinking-text" }, this.text.node),
    );
    this.node.addEventListener("toggle", () => this.#draw());
  }

  /** `ms`: how long it took, or takes so far; null when that is not known. */
  update({ text, thinking, ms }) {
    show(this.node, Boolean(text));
    if (!text) return;
    this.#latest = { text, thinking };
    this.node.classList.toggle("busy", thinking);
    setText(this.label, thinking ? words.thinkingFor(ms) : words.thoughtFor(ms));
    this.#openAsBefore(thinking);
    this.#draw();
  }

  /** What the reader does while the model thinks holds for the next time it thinks. */
  #choose(open) {
    this.#chosen = true;
    if (this.#latest.thinking) remember(OPEN, open ? "yes" : null);
  }

  /** Opened by itself it closes by itself, when the answer begins. */
  #openAsBefore(thinking) {
    if (thinking === this.#began || this.#chosen) return;
    this.#began = thinking;
    this.node.open = thinking && recall(OPEN) === "yes";
  }

  #draw() {
    if (this.node.open) this.text.update(this.#latest.text, !this.#latest.thinking);
  }
}
