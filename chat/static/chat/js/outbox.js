/**
 * What the person asked for and the server has not acknowledged. Pure.
 *
 * An item is `{kind: send|create|continue, key, place, …}`. `key` is its idempotency key (the uuid of the
 * message, of the answer, or of the generation to continue), so sending it again is harmless. It stays
 * until it is accepted and its message has arrived. Refused for now, it is sent again at `retryAt`;
 * refused for good (`refusal`), it waits for the person: try again, take the text back, or discard.
 *
 * A stop is kept as long: `stops[generation]` stays until the generation's end, or until the server says
 * that it is not live.
 */

import { emptyThread } from "chat/thread";
import { withTextBefore } from "chat/drafts";
import { isForNow, retryAtOf } from "chat/refusal";
import { settledRequests } from "chat/requests";
import { withNextBack } from "chat/settings";

// Of a message, in a place: until the server knows it, and what it is still waiting for.
const UNSENT = { sent: false, accepted: false, retryAt: null, waits: null };
// `tried`: it may have reached the server, so it can be stopped and no longer be taken back.
const NEW = { ...UNSENT, tried: false, stopping: false, refusal: null };

export function withItem(state, event) {
  if (state.outbox.some((item) => item.key === event.key)) return state;
  const { type: _type, at, ...rest } = event;
  // Of two prompts of one millisecond the second is the later one.
  const created = Math.max(at, (state.outbox.at(-1)?.created ?? 0) + 1);
  return { ...state, outbox: [...state.outbox, { ...NEW, ...rest, created }] };
}

/** Items and stops kept by the browser from before a reload, or left by a tab that was closed. */
export function restore(state, { items = [], stops = [] }) {
  const known = new Set(state.outbox.map((item) => item.key));
  const fresh = items.filter((item) => !known.has(item.key)).map((item) => ({ ...NEW, ...item, ...UNSENT }));
  const outbox = [...state.outbox, ...fresh].sort((a, b) => a.created - b.created);
  return withStops({ ...state, outbox }, stops);
}

const change = (state, item, changes) => ({
  ...state,
  outbox: state.outbox.map((one) => (one === item ? { ...one, ...changes } : one)),
});

export const markSent = (state, key) => ({
  ...state,
  outbox: state.outbox.map((item) =>
    item.key === key ? { ...item, sent: true, tried: true, retryAt: null, waits: null } : item,
  ),
});

/** After a drop everything unconfirmed is to be sent again. */
export const unsent = (state) => ({
  ...state,
  outbox: state.outbox.map((item) => (item.accepted ? item : { ...item, ...UNSENT })),
  stops: Object.fromEntries(Object.keys(state.stops).map((id) => [id, { sent: false, retryAt: null }])),
});

export function accepted(state, event, { setThread, changeThread }) {
  const [, key] = event.command_id?.split(":") ?? [];
  const item = state.outbox.find((one) => one.key === key);
  if (!item) return state;
  const { conversation, generation } = event;
  let next = {
    ...state,
    outbox: state.outbox.map((one) => settled(one, item, event)),
  };
  if (item.stopping) next = withStops(next, [generation]);
  if (item.place !== conversation) next = settledRequests(next, item.place, conversation);
  if (!next.threads[conversation]) {
    const thread = emptyThread(conversation);
    next = setThread(next, { ...thread, sync: event.duplicate ? "none" : "live" });
  } else if (event.duplicate) {
    next = changeThread(next, conversation, (thread) =>
      thread.sync === "live" ? { ...thread, sync: "stale" } : thread,
    );
  }
  if (item.place === next.draft && next.open === null) next = opened(next, conversation);
  return dropKnown(next, next.threads[conversation]);
}

/** The draft has become a conversation, and what is being written there goes on in it. */
function opened(state, conversation) {
  const { new: text, ...drafts } = state.drafts;
  return { ...state, open: conversation, drafts: text ? { ...drafts, [conversation]: text } : drafts };
}

/** The accepted item learns its ids; what waited for its draft learns the conversation. */
function settled(one, item, event) {
  if (one.place !== item.place) return one;
  const { conversation, generation, answer } = event;
  const known = { ...one, place: conversation, conversation };
  return one === item ? { ...known, accepted: true, generation, answer } : known;
}

/** Take out accepted items whose message has arrived. A Stop pressed meanwhile goes to the generation. */
export const dropKnown = (state, thread) => drop(state, thread, (item) => hasArrived(item, thread));

/** A snapshot after the acknowledgement has it all, even if the message is on a branch it does not show. */
export const dropAccepted = (state, thread) => drop(state, thread, () => true);

function drop(state, thread, isOver) {
  const arrived = state.outbox.filter((item) => item.accepted && item.place === thread.id && isOver(item));
  if (arrived.length === 0) return state;
  return { ...state, outbox: state.outbox.filter((item) => !arrived.includes(item)) };
}

/** Until its answer is there too, so that Stop never turns back into Send in between. */
function hasArrived(item, thread) {
  const answer = thread.messages[item.answer];
  if (item.kind === "send") return Boolean(thread.messages[item.key] && answer);
  if (item.kind === "create") return Boolean(answer);
  return answer?.generation?.id !== item.key;
}

export function refused(state, event, key) {
  const { at, code, field, retry_after_ms, quota, reason } = event;
  const item = state.outbox.find((one) => one.key === key);
  if (!item || item.accepted) return state;
  // `unavailable` may be said of what was stored after all: that is found out by sending it again.
  if (code === "unavailable") return change(state, item, later(event));
  if (item.stopping) return takenBack(state, item);
  const known = { tried: false, sent: false };
  if (isForNow(event)) return change(state, item, { ...known, ...later(event) });
  const until = retry_after_ms === undefined ? undefined : at + retry_after_ms;
  return change(state, item, { ...known, refusal: { code, field, quota, reason, until } });
}

const later = (event) => ({ sent: false, retryAt: retryAtOf(event), waits: event.code });

/** Try a refused one again; under a new key if the old one stands for something else. */
export function retried(state, { key, fresh }) {
  const item = state.outbox.find((one) => one.key === key);
  if (!item?.refusal) return state;
  if (item.refusal.code !== "conflict" || item.kind === "continue") return change(state, item, { refusal: null });
  const renamed = (one) => (one === key ? fresh : one);
  const outbox = state.outbox.map((one) => {
    if (one === item) return { ...one, refusal: null, key: fresh };
    return one.kind === "create" ? { ...one, message: renamed(one.message) } : one;
  });
  return { ...state, outbox };
}

export function discarded(state, { key }) {
  const item = state.outbox.find((one) => one.key === key);
  return item?.refusal ? without(state, item) : state;
}

/** Back to where it was written, to be changed. */
export function reclaimed(state, { key }) {
  const item = state.outbox.find((one) => one.key === key);
  return item?.refusal ? takenBack(state, item) : state;
}

/** Stop: what has not left goes back to the composer, what may have left is stopped as soon as it is known. */
export function stopOutbox(state, place) {
  const here = state.outbox.filter((item) => item.place === place && !item.refusal);
  // The last one first, for each goes before what is there.
  return here.reverse().reduce((next, item) => {
    if (!item.tried && !item.accepted) return takenBack(next, item);
    const stopped = change(next, item, { stopping: true });
    return item.accepted ? withStops(stopped, [item.generation]) : stopped;
  }, state);
}

function takenBack(state, item) {
  const next = withNextBack(without(state, item), item);
  return item.kind === "send" ? withTextBefore(next, item.conversation, item.content) : next;
}

function without(state, item) {
  const thread = state.threads[item.place];
  const threads = thread ? { ...state.threads, [thread.id]: { ...thread, leaf: null } } : state.threads;
  // What was to be answered again is gone with its prompt.
  const isOf = (one) => item.kind === "send" && one.kind === "create" && one.message === item.key;
  return { ...state, threads, outbox: state.outbox.filter((one) => one !== item && !isOf(one)) };
}

// -- Stops ----------------------------------------------------------------------------------------

/** Stop the generations `ids`: those known here say so at once. */
export function withStops(state, ids) {
  const stops = { ...state.stops };
  const live = { ...state.live };
  for (const id of ids) {
    stops[id] ??= { sent: false, retryAt: null };
    if (live[id]) live[id] = { ...live[id], stopping: true };
  }
  return { ...state, stops, live };
}

export const changeStop = (state, id, changes) =>
  state.stops[id] ? { ...state, stops: { ...state.stops, [id]: { ...state.stops[id], ...changes } } } : state;

export function withoutStop(state, id) {
  if (!state.stops[id]) return state;
  const { [id]: _over, ...stops } = state.stops;
  return { ...state, stops };
}

/** What the server answered to a stop: what is not live needs none. */
export function stopAnswered(state, { command_id, generations }) {
  const [, asked] = command_id?.split(":") ?? [];
  let next = state;
  for (const id of generations) {
    if (next.live[id]) next = { ...next, live: { ...next.live, [id]: { ...next.live[id], stopping: true } } };
  }
  // One that is watched here says its end itself, and until then a drop asks for it again.
  return generations.includes(asked) && next.live[asked] ? next : withoutStop(next, asked);
}

export function stopRefused(state, event, id) {
  if (!isForNow(event)) return withoutStop(state, id);
  return changeStop(state, id, { sent: false, retryAt: retryAtOf(event) });
}
