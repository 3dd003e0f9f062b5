/**
 * Close what the last block of a growing text has opened, so that `**bo` is bold at once, a half-written link is not
 * shown as its source, and the first row of a table is a table. Pure, and only for the block still being written.
 */

const MARKS = ["**", "__", "~~", "`"];
// At the start of a line these may become a list, a heading, a rule, a fence: "text\n-" would be a heading for a moment.
const MARKER_ALONE = /(^|\n)[ \t]*(?:[-*+]|\d{1,3}[.)]?|#{1,6}|>|=+|-{2,}|`{1,3}|~{1,3}|\$|\|)[ \t]*$/;
const OPEN_MATH = /(?:\\\(|\\\[|\$\$)(?:(?!\\\)|\\\]|\$\$)[\s\S])*$/;

export function mended(raw) {
  const start = raw.lastIndexOf("\n\n") + 1;
  const head = raw.slice(0, start);
  const tail = raw.slice(start).replace(MARKER_ALONE, "$1");
  if (OPEN_MATH.test(withoutPairs(tail))) return head + tail;
  const trimmed = withoutHalfLink(tail).replace(/(?<![*_~`\\])(?:\*{1,3}|_{1,3}|~{1,2}|`)$/, "");
  const text = trimmed.replace(/\s+$/, "");
  return head + withTable(text + closing(text)) + trimmed.slice(text.length);
}

const withoutPairs = (text) => text.replace(/\$\$(?:\\[\s\S]|[^\\$])*\$\$/g, "");

/** A row of cells with no rule under it yet, or half of one, gets the rule: so it is a table from its first cell on. */
function withTable(text) {
  const lines = text.split("\n");
  const isRule = lines.length > 1 && /^ {0,3}\|[\s:|-]*$/.test(lines.at(-1)) && isRow(lines.at(-2));
  const header = isRule ? lines.at(-2) : lines.at(-1);
  if (!isRow(header) || isTable(lines.slice(0, isRule ? -2 : -1))) return text;
  const cells = header.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).length;
  const rule = isRule ? lines.at(-1).trim().replace(/^\||\|$/g, "").split("|") : [];
  if (rule.length === cells && rule.every((cell) => /^\s*:?-+:?\s*$/.test(cell))) return text;
  const before = lines.slice(0, isRule ? -2 : -1);
  return [...before, header.trim().replace(/\|?$/, "|"), `|${"---|".repeat(cells)}`].join("\n");
}

const isRow = (line) => /^ {0,3}\|[^|]*\S/.test(line);

/** Whether a table is already open in these lines: then the last line is a row of it. */
const isTable = (lines) => /^ {0,3}\|/.test(lines.at(-1) ?? "");

/** `[words](http://…` and `[words]` at the very end become `words`. */
function withoutHalfLink(text) {
  return text.replace(/!?\[([^\[\]\n]*)\](?:\([^()\s]*)?$/, (whole, label) =>
    /^[ xX]?$/.test(label) || label.startsWith("^") ? whole : label,
  );
}

function closing(text) {
  const open = [];
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] === "\\") {
      i += 1;
      continue;
    }
    const mark = MARKS.find((one) => text.startsWith(one, i));
    if (!mark) continue;
    i += mark.length - 1;
    if (open.at(-1) === mark) open.pop();
    else if (open.at(-1) !== "`" && opens(text, i + 1)) open.push(mark);
  }
  return open.reverse().join("");
}

const opens = (text, next) => next < text.length && /\S/.test(text[next]);
