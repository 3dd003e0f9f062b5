/** Code in its frame: the language, wrapping, copying, colours. */

import { copyButton } from "chat/clipboard";
import { button, element, setText } from "chat/dom";
import { CodeColours } from "chat/highlight-code";
import { recall, remember } from "chat/storage";
import { words } from "chat/words";

const WRAP = "wrap-code";

export class CodeView {
  type = "code";
  #code = "";

  constructor() {
    this.language = element("span", { class: "code-language" });
    this.wrap = button("wrap", words.wrapLines(), () => this.#wrapped(!this.node.classList.contains("wrapped")), { class: "code-tool" });
    const copy = copyButton(() => this.#code, words.copy(), { shown: true, class: "code-tool", "aria-label": words.copyCode() });
    const target = element("code");
    this.colours = new CodeColours(target);
    this.pre = element("pre", { tabindex: "0" }, target);
    this.node = element("div", { class: "block code" }, element("div", { class: "code-bar" }, this.language, this.wrap, copy), this.pre);
    this.#show(recall(WRAP) === "yes");
  }

  update({ code, language, open }) {
    this.#code = code;
    setText(this.language, language || words.plainText());
    this.colours.show(code, language, open, performance.now());
  }

  /** What the reader chooses holds for the code that comes after, too. */
  #wrapped(wanted) {
    remember(WRAP, wanted ? "yes" : "no");
    this.#show(wanted);
  }

  #show(wrapped) {
    this.node.classList.toggle("wrapped", wrapped);
    this.wrap.setAttribute("aria-pressed", String(wrapped));
  }
}

/** Code in a list or a quotation, drawn from its `<pre>`. */
export class NestedCodeView extends CodeView {
  update(pre, open) {
    const code = pre.querySelector("code");
    const language = /language-([\w+#-]+)/.exec(code?.className ?? "")?.[1] ?? "";
    super.update({ code: pre.textContent.replace(/\n$/, ""), language, open });
  }
}
