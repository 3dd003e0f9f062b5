/**
 * The conversations as stored, and as shown: with what is asked for and not confirmed (`chat/requests`). Pure.
 *
 * `stored` is what the server told, `conversations` is what the page shows, and the list follows it. `deleted` holds the
 * last that was known of those that are gone: an event of theirs that comes late does not bring them back.
 */

/** Whether the list that is shown holds such a conversation. */
export const belongs = ({ archived, tags }, list) =>
  Boolean(archived) === list.archived && (list.tag === null || (tags ?? []).includes(list.tag));

/** Take in `shapes` the server told of. Those of conversations deleted since are late. */
export function withStored(state, shapes, at) {
  const told = shapes.filter(({ id }) => !(id in state.deleted));
  const stored = { ...state.stored };
  for (const one of told) {
    const updated_at = one.updated_at ?? stored[one.id]?.updated_at ?? new Date(at).toISOString();
    stored[one.id] = { ...stored[one.id], ...one, updated_at };
  }
  const tagsStale = state.list.tagsStale || told.some((one) => hasLostTag(state.stored[one.id], one));
  const ids = told.map(({ id }) => id);
  return reshown({ ...state, stored, list: { ...state.list, tagsStale } }, ids);
}

const hasLostTag = (before, now) => Boolean(before?.tags?.some((tag) => !now.tags?.includes(tag)));

/** What changes while the list is on its way may be missing from it. */
export function withFresh(state, id) {
  const { list } = state;
  return list.phase === "asked" ? { ...state, list: { ...list, fresh: [...list.fresh, id] } } : state;
}

export function withDeleted(state, id) {
  const { [id]: last, ...stored } = state.stored;
  const deleted = { ...state.deleted, [id]: last ?? state.deleted[id] ?? null };
  return reshown({ ...state, stored, deleted }, [id]);
}

/** It is there again: as `shape`, or as it was. */
export function withRestored(state, id, shape = state.deleted[id]) {
  const { [id]: _gone, ...deleted } = state.deleted;
  const next = { ...state, deleted };
  return shape ? withStored(next, [shape]) : next;
}

/** Show `ids` as they stand now, each at its place in the list or not at all. */
export function reshown(state, ids) {
  const conversations = { ...state.conversations };
  for (const id of ids) {
    const one = asShown(state, id);
    if (one) conversations[id] = one;
    else delete conversations[id];
  }
  return { ...state, conversations, list: placed(state.list, new Set(ids), conversations) };
}

function asShown({ stored, deleted, requests }, id) {
  let [isThere, shape] = [id in stored, stored[id] ?? deleted[id]];
  for (const { command, refusal } of requests) {
    // Which branch is open is the thread's matter.
    const { type, conversation, head: _head, ...set } = command;
    if (refusal || conversation !== id) continue;
    if (type === "conversation.update") shape = shape && { ...shape, ...set };
    if (type === "conversation.delete") isThere = false;
    if (type === "conversation.restore") isThere = true;
  }
  return isThere ? shape : null;
}

function placed(list, changed, conversations) {
  const others = list.ids.filter((id) => !changed.has(id));
  const here = [...changed].filter((id) => conversations[id] && belongs(conversations[id], list));
  return { ...list, ids: inOrder([...others, ...here], conversations) };
}

/** Pinned ones first, then those last talked in. */
function inOrder(ids, conversations) {
  const when = new Map(ids.map((id) => [id, Date.parse(conversations[id].updated_at) || 0]));
  const isPinned = (id) => Number(Boolean(conversations[id].pinned));
  return [...ids].sort((a, b) => isPinned(b) - isPinned(a) || when.get(b) - when.get(a));
}
