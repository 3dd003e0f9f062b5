/**
 * Colours for code, loaded when the first code is shown.
 *
 * A block that grows is coloured again when that is cheap: at most a twentieth of the time goes into it; what came since is
 * shown plain after the coloured part.
 */

import { safeFragment } from "chat/sanitize";

const SHARE = 20;
const SHORTEST_PAUSE_MS = 60;
const LONGEST_CODE = 100_000;

let highlighter = null;
let loading = null;

const load = () => {
  loading ??= import("highlight").then((module) => {
    highlighter = module.default;
  });
  return loading;
};

export class CodeColours {
  #node;
  #code = "";
  #coloured = "";
  #nextAt = 0;
  #language = "";

  constructor(node) {
    this.#node = node;
  }

  /** Show `code`; `now` in milliseconds. */
  show(code, language, open, now) {
    if (code === this.#code && open) return;
    const before = this.#code;
    this.#code = code;
    this.#language = language;
    if (code.startsWith(before) && before) this.#node.append(code.slice(before.length));
    else this.#node.textContent = code;
    if (!highlighter) load().then(() => this.#colour(performance.now()));
    else if (!open || now >= this.#nextAt) this.#colour(now);
  }

  #colour(now) {
    if (this.#coloured === this.#code || this.#code.length > LONGEST_CODE) return;
    if (!highlighter.getLanguage(this.#language)) return;
    const started = performance.now();
    const { value } = highlighter.highlight(this.#code, { language: this.#language, ignoreIllegals: true });
    this.#node.replaceChildren(safeFragment(value));
    this.#coloured = this.#code;
    this.#nextAt = now + Math.max(SHORTEST_PAUSE_MS, SHARE * (performance.now() - started));
  }
}
