/**
 * One conversation as the page knows it: a tree of messages and the branch on screen.
 *
 * Pure: every function returns a new thread, or the same one when nothing changed.
 *
 * `sync` says where the thread stands with the server: `none` (not subscribed), `asked` (a snapshot is on
 * its way), `live` (events arrive), `stale` (something was missed: ask for a snapshot).
 * `revision` is that of the last snapshot only. Events carry none, so asking again with it may fetch a
 * message twice but never misses one.
 */

export const LIVE_STATUSES = new Set(["queued", "in_progress"]);

const ROOT = "root";

export const emptyThread = (id) => ({
  id,
  sync: "none",
  revision: null,
  head: null, // the end of the branch the server calls current
  leaf: null, // the end of the branch on screen, when the reader chose another one
  messages: {},
  children: {}, // parent id (or "root") -> ids in the order they were created
  older: "idle", // idle | wanted | asked
  missing: false,
  retryAt: null,
});

/** Add or replace messages. An ended answer is never replaced by an older view of itself. */
export function withMessages(thread, incoming) {
  if (incoming.length === 0) return thread;
  const messages = { ...thread.messages };
  const children = { ...thread.children };
  for (const message of incoming) {
    const known = messages[message.id];
    if (known && isOlderView(message, known)) continue;
    messages[message.id] = { ...known, ...message, ...ratingIn(message) };
    const parent = message.parent ?? ROOT;
    children[parent] = union(message.siblings ?? children[parent] ?? [], children[parent] ?? [], message.id);
  }
  return { ...thread, messages, children };
}

/** A message as it is stored says its rating by its absence too. */
const ratingIn = (message) => (message.siblings ? { rating: message.rating ?? null } : {});

function isOlderView(message, known) {
  const now = known.generation;
  const then = message.generation;
  if (!now || LIVE_STATUSES.has(now.status)) return false;
  return then?.id === now.id && LIVE_STATUSES.has(then.status);
}

function union(first, second, last) {
  const ids = [...first];
  for (const id of [...second, last]) if (!ids.includes(id)) ids.push(id);
  return ids;
}

/** The messages on screen, oldest first, as far back as they are loaded. */
export function branch(thread) {
  const path = [];
  for (let id = leafOf(thread); id && thread.messages[id]; id = thread.messages[id].parent) {
    path.push(thread.messages[id]);
  }
  return path.reverse();
}

export function leafOf(thread) {
  return thread.leaf && thread.messages[thread.leaf] ? thread.leaf : thread.head;
}

export function hasOlder(thread) {
  const [first] = branch(thread);
  return Boolean(first && first.parent && !thread.messages[first.parent]);
}

export function siblings(thread, message) {
  return thread.children[message.parent ?? ROOT] ?? [message.id];
}

/** Move the end of the branch: what is new at its end is shown, what is new elsewhere is not. */
export function grown(thread, message) {
  const next = { ...thread, head: message.id };
  const shown = leafOf(thread);
  if (thread.leaf && message.parent === shown) next.leaf = null;
  return next;
}

/** Show the branch through `id`, as far as it is here; the server opens the same one. */
export const switchedTo = (thread, id) => (thread.messages[id] ? { ...thread, leaf: newestUnder(thread, id) } : thread);

/** Of the ends below `id` the one written last. */
function newestUnder(thread, id) {
  const known = (thread.children[id] ?? []).filter((child) => thread.messages[child]);
  const written = (end) => Date.parse(thread.messages[end].created_at) || 0;
  const ends = known.map((child) => newestUnder(thread, child));
  return ends.reduce((last, end) => (last === null || written(end) >= written(last) ? end : last), null) ?? id;
}
