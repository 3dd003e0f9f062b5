/** Leads to the message that the address names (`#message-…`), also when it is in another part of the transcript. */

const NAMED = /^#message-([0-9a-f-]{36})$/;
// What is drawn above it has its true height by then.
const SETTLED_MS = 400;

/** Where the message of an address is to be looked for, if not on this page; null if there is no such place. Pure. */
export function elsewhere({ hash, search }, isHere) {
  const id = NAMED.exec(hash)?.[1];
  if (!id || isHere(id) || new URLSearchParams(search).get("around") === id) return null;
  return `?${new URLSearchParams({ around: id })}${hash}`;
}

export function findTarget() {
  lead();
  addEventListener("hashchange", lead);
}

function lead() {
  const place = elsewhere(location, (id) => document.getElementById(`message-${id}`) !== null);
  if (place) location.replace(place);
  else hold(document.getElementById(location.hash.slice(1)));
}

/** Show it again once what is above it is drawn, unless the reader has gone on. */
function hold(node) {
  if (!node) return;
  const moved = new AbortController();
  for (const kind of ["wheel", "touchstart", "keydown", "pointerdown"]) {
    addEventListener(kind, () => moved.abort(), { signal: moved.signal, passive: true });
  }
  setTimeout(() => {
    if (!moved.signal.aborted) node.scrollIntoView();
    moved.abort();
  }, SETTLED_MS);
}
