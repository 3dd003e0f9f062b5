/**
 * Formulas in Markdown: `$…$` and `\(…\)` in a line, `$$…$$` and `\[…\]` by themselves. Pure.
 *
 * A formula becomes `<code class="math-…">` with its TeX as text: what draws it is `chat/math-view`, and without that
 * the source can still be read. While a text grows, what is opened and not yet closed is a formula as well, to be
 * shown as its source (`math-open`) until it is whole; a lone `$` is not, since most of those are prices.
 */

export const MATH_CLASS = { inline: "math-inline", display: "math-display", open: "math-open" };

// As in pandoc: no space inside the dollars. "$5 and $10" fails by it, "$5-$10" by the digit after, "$HOME:$PATH"
// by the word after; "the $n$th" passes.
const DOLLARS = /^\$(?![\s$])((?:\\.|[^\\$\n`])+)(?<!\s)\$(?![\d$]|\p{L}{3})/u;
const PARENTHESES = /^\\\(((?:(?!\\\)|\n[ \t]*\n)[\s\S])+)\\\)/;
const BRACKETS = /^\\\[((?:(?!\\\]|\n[ \t]*\n)[\s\S])+)\\\]/;
const DOUBLE_DOLLARS = /^\$\$((?:\\[\s\S]|[^\\$])+)\$\$/;

const BLOCK = /^ {0,3}(?:\$\$((?:\\[\s\S]|[^\\$])+)\$\$|\\\[((?:(?!\\\])[\s\S])+)\\\])[ \t]*(?:\n+|$)/;
const OPEN_BLOCK = /^ {0,3}(?:\$\$(?!\$)((?:\\[\s\S]|[^\\$])*)\$?|\\\[((?:(?!\\\])[\s\S])*))$/;
const OPEN_INLINE = /^(?:\$\$|\\\(|\\\[)((?:(?!\\\)|\\\]|\$\$|\n[ \t]*\n)[\s\S])*)$/;
const BLOCK_START = /\n {0,3}(?:\$\$|\\\[)/;
const AFTER_WORD = /[\p{L}\p{N}$\\]$/u;

const html = ({ tex, kind }, escaped) => `<code class="${MATH_CLASS[kind]}">${escaped(tex.trim())}</code>`;

function blockToken(src, growing) {
  const whole = BLOCK.exec(src);
  if (whole) return { type: "mathBlock", raw: whole[0], tex: whole[1] ?? whole[2], kind: "display" };
  const open = growing && OPEN_BLOCK.exec(src);
  return open ? { type: "mathBlock", raw: open[0], tex: open[1] ?? open[2], kind: "open" } : undefined;
}

function inlineToken(src, before, growing) {
  const display = DOUBLE_DOLLARS.exec(src) ?? BRACKETS.exec(src);
  if (display) return { type: "mathInline", raw: display[0], tex: display[1], kind: "display" };
  const inline = PARENTHESES.exec(src) ?? (AFTER_WORD.test(before) ? null : DOLLARS.exec(src));
  if (inline) return { type: "mathInline", raw: inline[0], tex: inline[1], kind: "inline" };
  const open = growing && OPEN_INLINE.exec(src);
  return open ? { type: "mathInline", raw: open[0], tex: open[1], kind: "open" } : undefined;
}

/** Where a formula may begin inside a paragraph: looked for up to its blank line only, to stay linear. */
export function blockStart(src) {
  const blank = src.indexOf("\n\n");
  const found = (blank < 0 ? src : src.slice(0, blank)).search(BLOCK_START);
  return found < 0 ? undefined : found;
}

function inlineStart(src) {
  const found = src.search(/\$|\\[([]/);
  return found < 0 ? undefined : found;
}

/** The extensions for marked. A lexer whose `growing` is true takes what is not closed for a formula too. */
export const mathExtensions = (escaped) => [
  {
    name: "mathBlock",
    level: "block",
    start: blockStart,
    tokenizer(src) {
      return blockToken(src, this.lexer.growing);
    },
    renderer: (token) => `<p>${html(token, escaped)}</p>\n`,
  },
  {
    name: "mathInline",
    level: "inline",
    start: inlineStart,
    tokenizer(src, tokens) {
      return inlineToken(src, tokens.at(-1)?.raw ?? "", this.lexer.growing);
    },
    renderer: (token) => html(token, escaped),
  },
];
