/**
 * Colours for code, loaded when the first code is shown.
 *
 * A block that grows is coloured again when that is cheap: at most a twentieth of the time goes into it; what came since
 * is shown plain after the coloured part.
 */

import { keyOf, linesOf } from "chat/colours";
import { element } from "chat/dom";

const SHARE = 20;
const SHORTEST_PAUSE_MS = 60;
// So that colouring takes a few milliseconds while code grows, and about 30 once it is whole.
const LONGEST_GROWING = 12_000;
const LONGEST_CODE = 40_000;

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
  #coloured = null;
  #keys = [];
  #tail = new Text();
  #nextAt = 0;
  #language = "";
  #open = false;

  constructor(node) {
    this.#node = node;
    node.append(this.#tail);
  }

  /** Show `code`; `now` in milliseconds. */
  show(code, language, open, now) {
    if (code === this.#code && open && language === this.#language) return;
    const before = this.#code;
    this.#code = code;
    this.#language = language;
    this.#open = open;
    if (code.startsWith(before)) this.#tail.appendData(code.slice(before.length));
    else this.#plain(code);
    if (!highlighter) load().then(() => this.#colour(performance.now()), () => {});
    else if (!open || now >= this.#nextAt) this.#colour(now);
  }

  #plain(code) {
    this.#keys = [];
    this.#coloured = null;
    this.#tail.data = code;
    this.#node.replaceChildren(this.#tail);
  }

  #colour(now) {
    const key = `${this.#language} ${this.#code}`;
    if (this.#coloured === key || this.#code.length > (this.#open ? LONGEST_GROWING : LONGEST_CODE)) return;
    if (!highlighter.getLanguage(this.#language)) return;
    const started = performance.now();
    const { value } = highlighter.highlight(this.#code, { language: this.#language, ignoreIllegals: true });
    this.#put(linesOf(value));
    this.#coloured = key;
    this.#nextAt = now + Math.max(SHORTEST_PAUSE_MS, SHARE * (performance.now() - started));
  }

  /** Replace the lines from the first one that changed. */
  #put(lines) {
    const keys = lines.map(keyOf);
    let same = 0;
    while (same < keys.length && keys[same] === this.#keys[same]) same += 1;
    this.#keys = keys;
    const old = [...this.#node.childNodes].slice(same);
    for (const node of old) node.remove();
    this.#tail.data = "";
    this.#node.append(...lines.slice(same).map(lineNode), this.#tail);
  }
}

const lineNode = (line) => element("span", {}, ...line.map(pieceNode));

const pieceNode = ({ classes, text }) =>
  classes.reduceRight((inner, className) => element("span", { class: className }, inner), new Text(text));
