/** One answer of the transcript. Its texts are on the page as they were written; drawn, they stand beside that. */

import { MarkdownView } from "chat/markdown-view";

class TextView {
  #view = null;
  #finished = true;

  constructor(node) {
    this.node = node;
    this.raw = node.querySelector(".transcript-text");
  }

  get text() {
    return this.raw.textContent;
  }

  draw() {
    if (!this.#view) {
      this.#view = new MarkdownView();
      this.node.append(this.#view.node);
      this.node.classList.add("is-drawn");
    }
    this.#view.update(this.text, this.#finished);
  }

  /** Add to a text that is being written. */
  grow(more) {
    this.#finished = false;
    if (more) this.raw.append(more);
    this.#redraw();
  }

  finish(text) {
    this.#finished = true;
    if (this.text !== text) this.raw.textContent = text;
    this.#redraw();
  }

  #redraw() {
    if (this.#view) this.draw();
  }
}

export class EntryView {
  constructor(node) {
    this.node = node;
    const [content, reasoning] = ["content", "reasoning"].map((name) => node.querySelector(`[data-part=${name}]`));
    this.content = content && new TextView(content);
    this.reasoning = reasoning && new TextView(reasoning);
    // Folded, it is drawn when it is opened.
    reasoning?.addEventListener("toggle", () => reasoning.open && this.reasoning.draw());
  }

  draw() {
    this.content?.draw();
  }

  grow({ content, reasoning }) {
    this.content?.grow(content);
    this.reasoning?.grow(reasoning);
    this.#showReasoning();
  }

  finish({ content, reasoning }) {
    this.content?.finish(content);
    this.reasoning?.finish(reasoning);
    this.#showReasoning();
  }

  #showReasoning() {
    if (this.reasoning) this.reasoning.node.hidden = this.reasoning.text === "";
  }
}
