/** Of a text and the places in it that matched: its pieces, in order. Pure. */

/** Pieces `{text, match}`. Places that overlap or lie outside are cut to what is left of them. */
export function pieces(text, matches) {
  const found = [];
  let at = 0;
  for (const [start, end] of [...matches].sort(([a], [b]) => a - b)) {
    const [from, to] = [Math.max(at, start), Math.min(text.length, end)];
    if (from >= to) continue;
    if (from > at) found.push({ text: text.slice(at, from), match: false });
    found.push({ text: text.slice(from, to), match: true });
    at = to;
  }
  if (at < text.length) found.push({ text: text.slice(at), match: false });
  return found;
}
