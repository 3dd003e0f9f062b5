/**
 * Markdown to blocks of HTML. Pure, no document: what comes out is still to be sanitised (`chat/sanitize`).
 *
 * A growing text is parsed block by block. `BlockReader` keeps what is settled and reads only the tail again,
 * so the cost of a delta does not grow with the answer. HTML in the text is shown as text, never as HTML, and
 * an image is shown as a link: fetching it would tell its host who reads what.
 */

import { Marked } from "marked";

import { Notes, noteExtensions, notesHtml } from "chat/footnotes";
import { mathExtensions } from "chat/math-syntax";
import { mended } from "chat/mend";
import { words } from "chat/words";

// A list or paragraph may still be joined by what follows the block after it.
const OPEN_BLOCKS = 2;

const SAFE_URL = /^(?:https?:|mailto:|tel:)/i;

export const escaped = (text) =>
  text.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]);

export const isSafeUrl = (url) => SAFE_URL.test(url.trim());

const link = (href, label, kind = "") => (isSafeUrl(href) ? `<a${kind} href="${escaped(href)}">${label}</a>` : label);

const marked = new Marked({
  gfm: true,
  breaks: false,
  tokenizer: {
    // "about ~5 to ~10 minutes" strikes nothing out: two tildes do.
    del(src) {
      return src.startsWith("~~") ? false : undefined;
    },
  },
  renderer: {
    html({ text }) {
      return /^<br\s*\/?>$/i.test(text.trim()) ? "<br>" : escaped(text);
    },
    link({ href, tokens }) {
      return link(href, this.parser.parseInline(tokens));
    },
    image({ href, text }) {
      return link(href, escaped(words.image(text || href)), ' class="image"');
    },
    checkbox({ checked }) {
      return `<span class="task">${checked ? "☑" : "☐"}</span> `;
    },
  },
  extensions: [...mathExtensions(escaped), ...noteExtensions],
});

const htmlOf = (tokens, notes) => marked.parser(tokens, { ...marked.defaults, notes });

const isBlank = ({ type }) => type === "space" || type === "def" || type === "note";

const languageOf = (info) => (info ?? "").trim().split(/[\s,{:]/)[0].toLowerCase();

const isClosed = (raw) => /\n {0,3}(?:`{3,}|~{3,})\s*$/.test(raw);

/** What is the beginning of the closing fence is not code. */
const withoutHalfFence = (code) => code.replace(/(^|\n) {0,3}(?:`{1,2}|~{1,2})$/, "$1");

export class BlockReader {
  #text = "";
  #finished = false;
  #settled = [];
  #offset = 0;
  #links = {};
  #notes = new Notes();

  /**
   * Return the blocks of `text`; those already settled are the same objects as before.
   *
   * A block is `{type: "html", raw, html, open}` or `{type: "code", raw, code, language, open}`; footnotes come last, as
   * one `{type: "notes", raw, html, open}`.
   */
  read(text, finished = false) {
    const source = text.replace(/\r\n?/g, "\n");
    // What has ended and grows again (a continuation) may go on in the middle of its last block.
    const goesOn = source.startsWith(this.#text) && (!this.#finished || source === this.#text);
    if (!goesOn) this.#forget();
    this.#text = source;
    this.#finished = finished;
    const known = this.#definitions();
    const blocks = this.#readTail(finished);
    if (known === this.#definitions() || blocks.length === 0) return blocks;
    // A definition is complete: what stands before it may mean something else now.
    this.#settled = [];
    this.#offset = 0;
    this.#notes.restart();
    return this.#readTail(finished);
  }

  /** How many blocks, from the first, are settled. */
  get settled() {
    return this.#settled.length;
  }

  #definitions() {
    return Object.keys(this.#links).length + this.#notes.defined.size;
  }

  #readTail(finished) {
    const notes = new Notes(this.#notes);
    const tokens = this.#lex(this.#text.slice(this.#offset), notes, !finished);
    const solid = tokens.filter((token) => !isBlank(token));
    const firstOpen = finished ? null : solid.at(-OPEN_BLOCKS) ?? solid[0] ?? tokens.at(-1);
    let next = 0;
    for (; next < tokens.length && tokens[next] !== firstOpen; next += 1) this.#settle(tokens[next], notes);
    this.#notes.mentioned = [...notes.mentioned];
    const tail = tokens.slice(next);
    const lastPart = tail.findLastIndex(({ type }) => type !== "space");
    tail.slice(0, Math.max(0, lastPart)).forEach((token) => this.#remember(token));
    const last = finished ? null : solid.at(-1);
    const open = tail.filter((token) => !isBlank(token)).map((token) => this.#block(token, notes, token === last, tokens.links));
    const listed = notesHtml(notes, htmlOf);
    return [...this.#settled, ...open, ...(listed ? [{ type: "notes", raw: "", html: listed, open: !finished }] : [])];
  }

  #settle(token, notes) {
    this.#offset += token.raw.length;
    this.#remember(token);
    if (!isBlank(token)) this.#settled.push(this.#block(token, notes, false));
  }

  /** Keep the definitions in a token that is complete: what is read later knows them. */
  #remember(token) {
    marked.walkTokens([token], (one) => {
      if (one.type === "def") this.#links[one.tag] ??= { href: one.href, title: one.title };
      if (one.type === "note") this.#notes.define(one);
    });
  }

  #block(token, notes, open, links = this.#links) {
    const { raw } = token;
    if (token.type === "code" && token.codeBlockStyle !== "indented") {
      const unclosed = open && !isClosed(raw);
      const code = unclosed ? withoutHalfFence(token.text) : token.text;
      return { type: "code", raw, code, language: languageOf(token.lang), open: unclosed };
    }
    const tokens = open ? this.#lex(mended(raw), notes, true, links) : [token];
    return { type: "html", raw, html: htmlOf(tokens, notes), open };
  }

  /** Parse `text` into tokens whose `raw` add up to it. */
  #lex(text, notes, growing, links = this.#links) {
    const lexer = new marked.Lexer(marked.defaults);
    Object.assign(lexer, { notes, growing });
    Object.assign(lexer.tokens.links, links);
    return lexer.lex(text);
  }

  #forget() {
    this.#settled = [];
    this.#offset = 0;
    this.#links = {};
    this.#notes = new Notes();
  }
}

export const blocksOf = (text) => new BlockReader().read(text, true);
