/**
 * Coloured code, line by line, from what highlight.js writes: spans with a class, around escaped text. Pure.
 *
 * Lines are compared as text, so that of code that grows only the lines that changed are made again; and nodes are made
 * from the pieces directly, which costs a fraction of parsing and sanitising HTML.
 */

const PIECE = /<span class="([^"]*)">|<\/span>|([^<]+)/g;
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'" };

const plain = (html) => html.replace(/&(?:amp|lt|gt|quot|#x27);/g, (entity) => ENTITIES[entity]);

/** Lines, each a list of `{classes, text}`: the classes around a text, outermost first. All but the last end in "\n". */
export function linesOf(html) {
  const lines = [[]];
  const open = [];
  for (const [whole, className, text] of html.matchAll(PIECE)) {
    if (className !== undefined) open.push(className);
    else if (text === undefined) open.pop();
    else add(lines, [...open], plain(whole));
  }
  return lines;
}

function add(lines, classes, text) {
  const parts = text.split(/(?<=\n)/);
  for (const part of parts) {
    if (part) lines.at(-1).push({ classes, text: part });
    if (part.endsWith("\n")) lines.push([]);
  }
}

export const keyOf = (line) => line.map(({ classes, text }) => `${classes.join(">")}|${text}`).join("|");
