/**
 * A formula, drawn by KaTeX, which is loaded with its style and fonts when the first one is shown.
 *
 * Until then, while it is being written, and when it is not TeX that KaTeX knows, its source is shown. KaTeX writes
 * inline styles, which the content policy refuses, so they are set one by one (`safeMath`).
 */

import { element } from "chat/dom";
import { MATH_CLASS } from "chat/math-syntax";
import { safeMath } from "chat/sanitize";
import { words } from "chat/words";

// `\rule{9999em}{9999em}` and endless macros are cut off.
const LIMITS = { maxSize: 30, maxExpand: 500, strict: "ignore", throwOnError: true, trust: false };
const REMEMBERED = 200;

let katex = null;
let loading = null;
const rendered = new Map(); // a formula in the block being written is drawn anew, and is the same as before

const load = () => {
  loading ??= Promise.all([import("katex"), style()]).then(() => {
    katex = globalThis.katex;
  });
  return loading;
};

function style() {
  return new Promise((loaded, failed) => {
    const href = import.meta.resolve("katex-style");
    document.head.append(element("link", { rel: "stylesheet", href, onload: loaded, onerror: failed }));
  });
}

function drawn(tex, display) {
  const key = `${display} ${tex}`;
  if (!rendered.has(key)) {
    if (rendered.size >= REMEMBERED) rendered.delete(rendered.keys().next().value);
    rendered.set(key, safeMath(katex.renderToString(tex, { ...LIMITS, displayMode: display })));
  }
  return rendered.get(key).cloneNode(true);
}

export class MathView {
  #key = null;

  constructor() {
    this.node = element("span");
  }

  /** Draw what `code` (docs of `chat/math-syntax`) says. */
  update(code) {
    const key = `${code.className} ${code.textContent}`;
    if (key === this.#key) return;
    this.#key = key;
    this.tex = code.textContent;
    this.display = code.className === MATH_CLASS.display;
    this.#frame();
    this.#showSource();
    if (code.className === MATH_CLASS.open) return;
    if (katex) this.#draw();
    else load().then(() => this.#key === key && this.#draw(), () => {});
  }

  #frame() {
    this.node.className = this.display ? "math display" : "math";
    this.node.dataset.tex = this.display ? `$$${this.tex}$$` : `$${this.tex}$`;
    // A wide formula scrolls by itself, by keyboard too.
    for (const [name, value] of [["tabindex", "0"], ["role", "group"], ["aria-label", words.formula()]]) {
      if (this.display) this.node.setAttribute(name, value);
      else this.node.removeAttribute(name);
    }
  }

  #showSource() {
    this.node.replaceChildren(element("code", { class: "math-source", text: this.tex }));
  }

  #draw() {
    try {
      this.node.replaceChildren(drawn(this.tex, this.display));
    } catch {
      this.#showSource();
    }
  }
}
