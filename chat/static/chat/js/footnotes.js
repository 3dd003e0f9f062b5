/**
 * Footnotes in Markdown: `[^label]` where a definition `[^label]: text` is known. Pure.
 *
 * Definitions come at the end of a text as a rule, so `chat/markdown` reads a growing text again when one is complete.
 * Notes are numbered by their first mention and listed in that order; one that is never mentioned comes last.
 */

const DEFINITION = /^ {0,3}\[\^([^\s\]]+)\]:[ \t]*((?:.*)(?:\n(?! {0,3}\[\^[^\s\]]+\]:)[ \t]*\S.*)*(?:\n(?:[ \t]*\n)+ {4,}.*)*)(?:\n+|$)/;
const MENTION = /^\[\^([^\s\]]+)\](?!:)/;

/** What is known of the notes of a text: definitions by label, and the labels mentioned so far. */
export class Notes {
  #seen;

  /** Go on from `before`, without changing it. */
  constructor(before) {
    this.defined = new Map(before?.defined);
    this.mentioned = [...(before?.mentioned ?? [])];
    this.#seen = new Set(before?.seen);
  }

  get seen() {
    return this.#seen;
  }

  /** The first definition of a label holds; one known from an earlier reading is replaced by what is read now. */
  define(token) {
    if (!this.#seen.has(token.label)) this.defined.set(token.label, token);
    this.#seen.add(token.label);
  }

  /** Number from 1, given at the first mention. */
  number(label) {
    if (!this.mentioned.includes(label)) this.mentioned.push(label);
    return this.mentioned.indexOf(label) + 1;
  }

  /** Begin again at the start of the text, knowing which labels there are. */
  restart() {
    this.mentioned = [];
    this.#seen.clear();
  }

  inOrder() {
    const unmentioned = [...this.defined.keys()].filter((label) => !this.mentioned.includes(label));
    return [...this.mentioned, ...unmentioned].map((label) => this.defined.get(label)).filter(Boolean);
  }
}

/** The extensions for marked; `lexer.notes` says what is known, `parser.options.notes` numbers it. */
export const noteExtensions = [
  {
    name: "note",
    level: "block",
    tokenizer(src) {
      const found = DEFINITION.exec(src);
      if (!found) return undefined;
      const text = found[2].replace(/\n[ \t]+/g, "\n");
      const token = { type: "note", raw: found[0], label: found[1], tokens: this.lexer.blockTokens(text, []) };
      this.lexer.notes.define(token);
      return token;
    },
    renderer: () => "",
  },
  {
    name: "mention",
    level: "inline",
    start: (src) => (src.includes("[^") ? src.indexOf("[^") : undefined),
    tokenizer(src) {
      const found = MENTION.exec(src);
      return found && this.lexer.notes.defined.has(found[1]) ? { type: "mention", raw: found[0], label: found[1] } : undefined;
    },
    renderer({ label }) {
      const number = this.parser.options.notes.number(label);
      return `<sup><a class="mention" href="#note-${number}">${number}</a></sup>`;
    },
  },
];

/** The list of notes: `htmlOf(tokens, notes)` renders what one says. */
export function notesHtml(notes, htmlOf) {
  const say = (label) => htmlOf(notes.defined.get(label)?.tokens ?? [], notes);
  // What a note says may mention another, which gets its number by that.
  for (let index = 0; index < notes.mentioned.length; index += 1) say(notes.mentioned[index]);
  const items = notes.inOrder().map(({ tokens }, index) => `<li class="note-${index + 1}">${htmlOf(tokens, notes)}</li>`);
  return items.length ? `<ol class="notes">${items.join("")}</ol>` : "";
}
