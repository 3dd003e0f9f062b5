/** A Markdown text on the page: each block is a node, and only a block whose source changed is touched. */

import { copyButton } from "chat/clipboard";
import { element, setText } from "chat/dom";
import { CodeColours } from "chat/highlight-code";
import { BlockReader } from "chat/markdown";
import { safeFragment } from "chat/sanitize";
import { words } from "chat/words";

export class MarkdownView {
  #reader = new BlockReader();
  #views = [];
  #text = null;
  #finished = null;

  constructor() {
    this.node = element("div", { class: "markdown", dir: "auto" });
  }

  update(text, finished) {
    if (text === this.#text && finished === this.#finished) return;
    this.#text = text;
    this.#finished = finished;
    const blocks = this.#reader.read(text, finished);
    blocks.forEach((block, index) => this.#put(block, index));
    for (const view of this.#views.splice(blocks.length)) view.node.remove();
  }

  #put(block, index) {
    const view = this.#views[index];
    if (view && view.type === block.type) return view.update(block);
    const fresh = block.type === "code" ? new CodeView() : new HtmlView();
    fresh.update(block);
    if (view) view.node.replaceWith(fresh.node);
    else this.node.append(fresh.node);
    this.#views[index] = fresh;
  }
}

class HtmlView {
  type = "html";
  #html = null;

  constructor() {
    this.node = element("div", { class: "block" });
  }

  update({ html }) {
    if (html === this.#html) return;
    this.#html = html;
    this.node.replaceChildren(safeFragment(html));
    for (const table of this.node.querySelectorAll("table")) framed(table);
    for (const pre of this.node.querySelectorAll("pre")) nested(pre);
  }
}

/** A wide table scrolls in a frame of its own. */
function framed(table) {
  const frame = element("div", { class: "table", tabindex: "0", role: "region", "aria-label": words.table() });
  table.replaceWith(frame);
  frame.append(table);
}

/** Code inside a list or a quotation gets the same frame as code of its own. */
function nested(pre) {
  const code = pre.querySelector("code");
  const language = /language-([\w+#-]+)/.exec(code?.className ?? "")?.[1] ?? "";
  const view = new CodeView();
  view.update({ code: pre.textContent.replace(/\n$/, ""), language, open: false });
  pre.replaceWith(view.node);
}

class CodeView {
  type = "code";
  #code = "";

  constructor() {
    this.language = element("span", { class: "code-language" });
    const copy = copyButton(() => this.#code, words.copy(), {
      shown: true,
      class: "code-copy",
      "aria-label": words.copyCode(),
    });
    const target = element("code");
    this.colours = new CodeColours(target);
    const pre = element("pre", { tabindex: "0" }, target);
    this.node = element("div", { class: "block code" }, element("div", { class: "code-bar" }, this.language, copy), pre);
  }

  update({ code, language, open }) {
    this.#code = code;
    setText(this.language, language || words.plainText());
    this.colours.show(code, language, open, performance.now());
  }
}
