/**
 * Close what the last paragraph of a growing text has opened, so that `**bo` is bold at once and a
 * half-written link is not shown as its source. Pure, and only for the block still being written.
 */

const MARKS = ["**", "__", "~~", "`"];

export function mended(raw) {
  const lineStart = raw.lastIndexOf("\n\n") + 1;
  const head = raw.slice(0, lineStart);
  const tail = withoutHalfLink(raw.slice(lineStart));
  const trimmed = tail.replace(/(?<![*_~`\\])(?:\*{1,3}|_{1,3}|~{1,2}|`)$/, "");
  const text = trimmed.replace(/\s+$/, "");
  return head + text + closing(text) + trimmed.slice(text.length);
}

/** `[words](http://…` and `[words]` at the very end become `words`. */
function withoutHalfLink(text) {
  return text.replace(/!?\[([^\[\]\n]*)\](?:\([^()\s]*)?$/, (whole, label) =>
    /^[ xX]?$/.test(label) ? whole : label,
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
