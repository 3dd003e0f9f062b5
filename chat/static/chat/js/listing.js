/**
 * The list of conversations: its pages, and what of all conversations it shows. Pure.
 *
 * A reply says by its `command_id` of which list it is: one that was left meanwhile is not shown any more.
 */

import { reshown, withDeleted, withFresh, withRestored, withStored } from "chat/conversations";
import { isForNow, retryAtOf } from "chat/refusal";
import { withThreadBack, withThreadGone } from "chat/threads";

export const emptyList = {
  phase: "stale", // stale | asked | ready | more | asked_more
  ids: [],
  before: null,
  fresh: [],
  archived: false,
  tag: null,
  tags: [], // the names in use, as the server last told
  tagsStale: false,
  loaded: false, // whether a first page was there
  retryAt: null,
};

const TAGS = "list:tags";

export const idOf = (what, { archived, tag }) =>
  [`list:${what}`, archived && "archived", tag !== null && `tag:${tag}`].filter(Boolean).join(":");

export function dueLists({ list }, now) {
  if ((list.retryAt ?? 0) > now) return [];
  const { phase, before, archived, tag, tagsStale } = list;
  const filter = { ...(archived && { archived }), ...(tag !== null && { tag }) };
  const ask = (command_id, rest) => ({ type: "conversation.list", command_id, ...filter, ...rest });
  if (phase === "stale") return [ask(idOf("first", list))];
  const more = phase === "more" ? [ask(idOf("more", list), { before })] : [];
  return tagsStale ? [...more, { type: "conversation.list", command_id: TAGS }] : more;
}

export function listSent(state, { command_id }) {
  const { list } = state;
  const sent = {
    [TAGS]: { tagsStale: false },
    [idOf("first", list)]: { phase: "asked", tagsStale: false, retryAt: null },
    [idOf("more", list)]: { phase: "asked_more", retryAt: null },
  };
  return { ...state, list: { ...list, ...sent[command_id] } };
}

export function listRefused(state, event) {
  const { list } = state;
  const { command_id } = event;
  if (command_id === TAGS) return state;
  const first = command_id === idOf("first", list);
  if (!first && command_id !== idOf("more", list)) return state;
  const again = { phase: first ? "stale" : "more", retryAt: retryAtOf(event) };
  return { ...state, list: { ...list, ...(isForNow(event) ? again : { phase: "ready", loaded: true }) } };
}

/** Nothing is known of what changed while there is no connection. */
export const listDisconnected = (state) => {
  const changing = new Set(state.requests.map(({ command }) => command.conversation));
  const deleted = Object.fromEntries(Object.entries(state.deleted).filter(([id]) => changing.has(id)));
  return { ...state, deleted, list: { ...state.list, phase: "stale", retryAt: null } };
};

function pageArrived(state, event) {
  const { list } = state;
  const told = { before: event.before ?? null, tags: event.tags ?? list.tags };
  if (event.command_id === TAGS) return { ...state, list: { ...list, tags: told.tags } };
  const more = event.command_id === idOf("more", list);
  if (!more && event.command_id !== idOf("first", list)) return state;
  const kept = more ? list.ids : list.fresh.filter((id) => state.conversations[id]);
  const page = { ...list, ...told, phase: "ready", loaded: true, fresh: [], ids: [] };
  const next = withStored({ ...state, list: page }, event.conversations, event.at);
  return reshown(next, [...kept, ...next.list.ids]);
}

/** Show another list: the archived ones, those with a tag, or the rest. */
function filtered(state, { archived = false, tag = null }) {
  const { list } = state;
  if (archived === list.archived && tag === list.tag) return state;
  return { ...state, list: { ...emptyList, archived, tag, tags: list.tags } };
}

/** All names in use, for choosing one. */
export function tagsOf({ list, conversations }) {
  const names = new Set(list.tags);
  for (const { tags } of Object.values(conversations)) for (const tag of tags ?? []) names.add(tag);
  return [...names].sort((a, b) => a.localeCompare(b));
}

export const listHandlers = {
  "conversation.listed": pageArrived,
  "conversation.created": (state, { conversation, at }) => {
    const { id } = conversation;
    const there = withRestored(state, id, null);
    return withThreadBack(withFresh(withStored(there, [conversation], at), id), id);
  },
  "conversation.deleted": (state, { conversation }) => withThreadGone(withDeleted(state, conversation), conversation),
  "user.filter": filtered,
  "user.more": (state) =>
    state.list.phase === "ready" && state.list.before ? { ...state, list: { ...state.list, phase: "more" } } : state,
};
