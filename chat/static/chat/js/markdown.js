/**
 * Markdown to blocks of HTML. Pure, no document: what comes out is still to be sanitised (`chat/sanitize`).
 *
 * A growing text is parsed block by block. `BlockReader` keeps what is settled and reads only the tail again,
 * so the cost of a delta does not grow with the answer. HTML in the text is shown as text, never as HTML, and
 * an image is shown as a link: fetching it would tell its host who reads what.
 */

import { Marked } from "marked";

import { mended } from "chat/mend";
import { words } from "chat/words";

// A list or paragraph may still be joined by what follows the block after it.
const OPEN_BLOCKS = 2;

const SAFE_URL = /^(?:https?:|mailto:|tel:|#)/i;

export const escaped = (text) =>
  text.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]);

export const isSafeUrl = (url) => SAFE_URL.test(url.trim());

const link = (href, label) => (isSafeUrl(href) ? `<a href="${escaped(href)}">${label}</a>` : label);

const marked = new Marked({
  gfm: true,
  breaks: false,
  renderer: {
    html({ text }) {
      return /^<br\s*\/?>$/i.test(text.trim()) ? "<br>" : escaped(text);
    },
    link({ href, tokens }) {
      return link(href, this.parser.parseInline(tokens));
    },
    image({ href, text }) {
      return link(href, escaped(words.image(text || href)));
    },
    checkbox({ checked }) {
      return `<span class="task">${checked ? "☑" : "☐"}</span> `;
    },
  },
});

/** Parse `text` into tokens whose `raw` add up to it. */
const tokensOf = (text, links) => {
  const lexer = new marked.Lexer(marked.defaults);
  Object.assign(lexer.tokens.links, links);
  const tokens = lexer.lex(text);
  Object.assign(links, lexer.tokens.links);
  return tokens;
};

const htmlOf = (tokens, links) => {
  tokens.links = links;
  return marked.parser(tokens);
};

const isBlank = (token) => token.type === "space" || token.type === "def";

/** A block: `{type: "html", raw, html}` or `{type: "code", raw, code, language, open}`. */
function blockOf(token, links, open) {
  if (token.type === "code" && token.codeBlockStyle !== "indented") {
    const unclosed = open && !/\n {0,3}(?:`{3,}|~{3,})\s*$/.test(token.raw);
    return { type: "code", raw: token.raw, code: token.text, language: languageOf(token.lang), open: unclosed };
  }
  const whole = open ? tokensOf(mended(token.raw), links) : [token];
  return { type: "html", raw: token.raw, html: htmlOf(whole, links), open };
}

const languageOf = (info) => (info ?? "").trim().split(/[\s,{:]/)[0].toLowerCase();

export class BlockReader {
  #text = "";
  #settled = [];
  #offset = 0;
  #links = {};

  /** Return the blocks of `text`; those already settled are the same objects as before. */
  read(text, finished = false) {
    const source = normalised(text);
    if (finished || !source.startsWith(this.#text)) this.#forget();
    this.#text = source;
    const tokens = tokensOf(source.slice(this.#offset), this.#links);
    const open = [];
    const solid = tokens.filter((token) => !isBlank(token));
    const firstOpen = finished ? null : solid.at(-OPEN_BLOCKS) ?? solid[0];
    let settling = true;
    for (const token of tokens) {
      if (token === firstOpen) settling = false;
      if (settling) this.#offset += token.raw.length;
      if (isBlank(token)) continue;
      const last = !finished && token === solid.at(-1);
      (settling ? this.#settled : open).push(blockOf(token, this.#links, last));
    }
    return [...this.#settled, ...open];
  }

  #forget() {
    this.#settled = [];
    this.#offset = 0;
    this.#links = {};
  }
}

const normalised = (text) => text.replace(/\r\n?/g, "\n");

export const blocksOf = (text) => new BlockReader().read(text, true);
