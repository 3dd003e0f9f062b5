/**
 * What the person asked for and the server has not acknowledged. Pure.
 *
 * An item is `{kind: send|create|continue, key, place, …}`. `key` is its idempotency key (the uuid of the
 * message, of the answer, or of the generation to continue), so sending it again is harmless. It stays
 * until it is accepted and its message has arrived, or until it is refused: then its text goes back.
 */

import { emptyThread } from "chat/thread";

export const RETRY_UNAVAILABLE_MS = 2000;

export function withItem(state, event) {
  if (state.outbox.some((item) => item.key === event.key)) return state;
  const { type: _type, at: _at, ...rest } = event;
  const item = { ...rest, sent: false, accepted: false, stopping: false, retryAt: null };
  return { ...state, outbox: [...state.outbox, item] };
}

/** Items kept by the browser from before a reload. */
export const restore = (state, items) => items.reduce(withItem, state);

export function accepted(state, event, { setThread, changeThread }) {
  const [, key] = event.command_id?.split(":") ?? [];
  const item = state.outbox.find((one) => one.key === key);
  if (!item) return state;
  const { conversation } = event;
  let next = {
    ...state,
    outbox: state.outbox.map((one) => settled(one, item, event)),
  };
  if (!next.threads[conversation]) {
    const thread = emptyThread(conversation);
    next = setThread(next, { ...thread, sync: event.duplicate ? "none" : "live" });
  } else if (event.duplicate) {
    next = changeThread(next, conversation, (thread) =>
      thread.sync === "live" ? { ...thread, sync: "stale" } : thread,
    );
  }
  if (item.place === next.draft && next.open === null) next = { ...next, open: conversation };
  return dropKnown(next, next.threads[conversation]);
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
  const live = { ...state.live };
  for (const { stopping, generation } of arrived) {
    if (stopping && live[generation]) live[generation] = { ...live[generation], stopping: true };
  }
  const outbox = state.outbox.filter((item) => !arrived.includes(item));
  return { ...state, live, outbox };
}

/** Until its answer is there too, so that Stop never turns back into Send in between. */
function hasArrived(item, thread) {
  const answer = thread.messages[item.answer];
  if (item.kind === "send") return Boolean(thread.messages[item.key] && answer);
  if (item.kind === "create") return Boolean(answer);
  return answer?.generation?.id !== item.key;
}

export function refused(state, event, key) {
  const item = state.outbox.find((one) => one.key === key);
  if (!item || item.accepted) return state;
  if (event.code === "unavailable") {
    const retryAt = event.at + (event.retry_after_ms ?? RETRY_UNAVAILABLE_MS);
    return { ...state, outbox: state.outbox.map((one) => (one === item ? { ...one, sent: false, retryAt } : one)) };
  }
  return returned(state, item, event);
}

function returned(state, item, { code, field, retry_after_ms }) {
  const content = item.kind === "send" ? item.content : null;
  // A draft that was left cannot be come back to: its text goes to the present one.
  const place = item.kind === "send" && !item.conversation ? state.draft : item.place;
  const earlier = state.refusals[place]?.content;
  const refusal = { content: [earlier, content].filter(Boolean).join("\n\n") || null, code, field, retry_after_ms };
  const thread = state.threads[item.place];
  const threads = thread ? { ...state.threads, [thread.id]: { ...thread, leaf: null } } : state.threads;
  const refusals = { ...state.refusals, [place]: refusal };
  return { ...state, threads, refusals, outbox: state.outbox.filter((one) => one !== item) };
}

/** Stop: what has not left goes back to the composer, what has left is stopped as soon as it is known. */
export function stopOutbox(state, place) {
  return state.outbox
    .filter((item) => item.place === place)
    .reduce((next, item) => {
      if (!item.sent && !item.accepted) return returned(next, item, { code: null });
      return { ...next, outbox: next.outbox.map((one) => (one === item ? { ...one, stopping: true } : one)) };
    }, state);
}

