/**
 * What the page knows, and how each event changes it: `reduce(state, event)`, pure.
 *
 * Events are the server's (docs/protocol.md) and the page's own (`socket.*`, `command.sent`, `user.*`). Each
 * carries `at`, milliseconds since 1970, put there by the store. Commands are not sent from here:
 * `due(state)` in `chat/due` says which ones the state is waiting to send.
 *
 * `live[generation]` holds the text that grows; when the generation ends it moves into its message.
 */

import { headRead, headTold, switched } from "chat/branches";
import { comparingHandlers } from "chat/comparing";
import { withFresh, withStored } from "chat/conversations";
import { draftHandlers } from "chat/drafts";
import { jumpHandlers, sought } from "chat/jumping";
import { emptyList, listDisconnected, listHandlers, listRefused, listSent } from "chat/listing";
import { changeHandlers } from "chat/managing";
import {
  accepted, changeStop, discarded, dropAccepted, dropKnown, markSent, reclaimed, refused, restore, retried,
  stopAnswered, stopOutbox, stopRefused, unsent, withItem, withStops, withoutStop,
} from "chat/outbox";
import { placeOf } from "chat/place";
import { noPresets, presetHandlers } from "chat/presets";
import { ratingHandlers } from "chat/ratings";
import { retryAtOf } from "chat/refusal";
import { confirmed, idOf, requestRefused, requestSent, unsentRequests, withKeptRequests } from "chat/requests";
import { searchDisconnected, searchHandlers, searchRefused, searchSent } from "chat/searching";
import { sharingHandlers } from "chat/sharing";
import { takenAlong, withModel, withNextBegun, withParams } from "chat/settings";
import { LIVE_STATUSES, emptyThread, grown, withMessages } from "chat/thread";
import { changeThread, setThread } from "chat/threads";

export { placeOf, threadOf } from "chat/place";

// How a model that the service lists and does not let us use ends.
const REFUSALS = new Set(["provider_forbidden", "provider_model_not_found"]);

export const initialState = (page = {}) => ({
  user: page.user ?? null,
  models: [],
  model: page.model ?? null, // chosen by the person for new conversations; null: the first
  next: { params: page.params ?? {} }, // of the next new conversation
  limits: {},
  demo: false,
  connection: { phase: "connecting", attempt: 0, retryAt: null },
  list: emptyList,
  stored: {}, // conversations as the server told of them
  deleted: {}, // the last that was known of those that are gone
  conversations: {}, // as they are shown: with what is asked for and not confirmed
  notice: null, // what became of one: deleted, with a way back, or refused
  search: null,
  jump: null, // a message to go to
  open: page.conversation ?? null,
  draft: page.draft ?? "draft", // names the conversation that does not exist yet
  threads: page.conversation ? { [page.conversation]: emptyThread(page.conversation) } : {},
  live: {},
  outbox: [],
  stops: {}, // by generation: a Stop that the server has not carried out
  requests: [], // what the server has not confirmed, at most one of a subject
  presets: noPresets,
  comparing: [], // models: the next prompt goes to them side by side
  drafts: {}, // by conversation or message: what is written and not sent
});

export function reduce(state, event) {
  const handle = handlers[event.type];
  return handle ? sought(handle(state, event)) : state;
}

const setLive = (state, generation) => ({ ...state, live: { ...state.live, [generation.id]: generation } });

const withoutLive = (state, ids) => {
  const live = { ...state.live };
  for (const id of ids) delete live[id];
  return { ...state, live };
};

/** Nothing is known of a connection that is gone: lists, subscriptions and what was on its way are asked for again. */
const disconnected = (state) => ({
  ...unsentRequests(listDisconnected(searchDisconnected(unsent(state)))),
  presets: state.presets.phase === "idle" ? state.presets : { ...state.presets, phase: "wanted" },
  threads: mapValues(state.threads, (thread) => ({ ...thread, sync: "none", older: "idle" })),
});

const stale = (thread) => (thread.sync === "live" ? { ...thread, sync: "stale" } : thread);

const handlers = {
  // -- The socket ---------------------------------------------------------------------------------
  "socket.connecting": (state, event) => ({
    ...disconnected(state),
    connection: { phase: "connecting", attempt: event.attempt, retryAt: null },
  }),

  "socket.closed": (state, event) => ({
    ...disconnected(state),
    connection: { phase: "offline", attempt: event.attempt, retryAt: event.retryAt },
  }),

  "socket.signed_out": (state) => ({
    ...state,
    connection: { phase: "signed_out", attempt: 0, retryAt: null },
  }),

  "session.ready": (state, event) => {
    // What one person wrote is never sent in the name of another, who has signed in meanwhile.
    if (state.user && event.user.id !== state.user.id) {
      return { ...state, connection: { phase: "other_user", attempt: 0, retryAt: null } };
    }
    return {
      ...state,
      user: event.user,
      models: event.models ?? [],
      model: event.models?.some((model) => model.id === state.model) ? state.model : null,
      limits: event.limits ?? {},
      demo: Boolean(event.demo),
      connection: { phase: "ready", attempt: 0, retryAt: null },
    };
  },

  "command.sent": (state, { command }) => {
    const id = idOf(command);
    return id ? requestSent(state, id) : (sent[command.type]?.(state, command) ?? state);
  },
  done: confirmed,
  "conversation.shared": confirmed,

  // -- The list of conversations ------------------------------------------------------------------
  ...listHandlers,
  ...changeHandlers,
  ...searchHandlers,
  ...jumpHandlers,
  "conversation.updated": (state, { conversation, at }) => {
    if (conversation.id in state.deleted) return state;
    return headTold(withFresh(withStored(state, [conversation], at), conversation.id), conversation);
  },

  // -- A conversation -----------------------------------------------------------------------------
  "conversation.snapshot": (state, event) => {
    const { conversation, messages, beside = [], generations } = event;
    if (conversation.id in state.deleted) return state;
    const before = state.threads[conversation.id] ?? emptyThread(conversation.id);
    const read = setThread(state, { ...withMessages(before, [...messages, ...beside]), sync: "live", missing: false });
    const next = withFresh(withStored(headRead(read, conversation), [conversation], event.at), conversation.id);
    const thread = next.threads[conversation.id];
    return dropAccepted(withSnapshotLive(next, thread, generations ?? []), thread);
  },

  "conversation.history": (state, event) =>
    changeThread(state, event.conversation, (thread) => ({
      ...withMessages(thread, event.messages),
      older: event.messages.length ? "idle" : "none",
    })),

  "message.created": (state, { conversation, message }) => {
    const next = changeThread(state, conversation, (thread) => grown(withMessages(thread, [message]), message));
    return next === state ? state : dropKnown(next, next.threads[conversation]);
  },

  "message.accepted": (state, event) => accepted(state, event, { setThread, changeThread }),

  // -- A generation -------------------------------------------------------------------------------
  "generation.created": (state, event) => {
    const thread = state.threads[event.conversation];
    if (!thread || state.live[event.generation]) return state;
    const known = thread.messages[event.message];
    if (known?.generation?.id === event.generation && !LIVE_STATUSES.has(known.generation.status)) return state;
    const answer = {
      content: "",
      reasoning: "",
      created_at: new Date(event.at).toISOString(),
      ...known,
      id: event.message,
      parent: event.parent,
      role: "assistant",
      generation: { id: event.generation, status: "queued", model: event.model, params: event.params, continues: event.continues ?? null },
    };
    let grownThread = withMessages(thread, [answer]);
    if (!known) grownThread = grown(grownThread, answer);
    const stopping = Boolean(state.stops[event.generation]);
    const live = newLive(event.generation, event.message, event.conversation, { model: event.model, stopping });
    return dropKnown(setLive(setThread(state, grownThread), live), grownThread);
  },

  "generation.queued": (state, event) => changeLive(state, event, { status: "queued", position: event.position }),
  "generation.started": (state, event) =>
    changeLive(state, event, { status: "in_progress", position: null, retry: null, startedAt: event.at, omitted: event.omitted ?? 0 }),
  "generation.retrying": (state, event) =>
    changeLive(state, event, { retry: { attempt: event.attempt, at: event.at + event.delay_ms, code: event.code } }),
  "generation.cancelling": (state, event) => stopAnswered(state, event),

  "generation.delta": (state, event) => {
    const live = state.live[event.generation];
    if (!live || event.seq <= live.seq) return state;
    if (event.seq > live.seq + 1) return changeThread(state, live.conversation, stale);
    const kind = event.kind === "reasoning" ? "reasoning" : "content";
    return setLive(state, {
      ...live,
      ...thoughtTimes(live, kind, event.at),
      seq: event.seq,
      status: "in_progress",
      position: null,
      retry: null,
      [kind]: live[kind] + event.text,
    });
  },

  "generation.snapshot": (state, event) => {
    const live = state.live[event.generation];
    if (!live || live.seq > event.seq) return state;
    const { content, reasoning, seq } = event;
    // Also of one that has ended: its terminal event follows and is what ends it here.
    return setLive(state, { ...live, content, reasoning, seq, status: "in_progress", position: null, retry: null });
  },

  "generation.completed": (state, event) => ended(state, event, "completed"),
  "generation.cancelled": (state, event) => ended(state, event, "cancelled"),
  "generation.interrupted": (state, event) => ended(state, event, "interrupted"),
  "generation.failed": (state, event) => ended(state, event, "failed"),

  // -- Refusals -----------------------------------------------------------------------------------
  error: (state, event) => {
    const [kind, id] = (event.command_id ?? "").split(":");
    if (kind === "ask") return requestRefused(state, event, id);
    if (kind === "send" || kind === "create" || kind === "continue") return refused(state, event, id);
    if (kind === "cancel") return stopRefused(state, event, id);
    if (kind === "subscribe") {
      const missing = event.code === "not_found";
      const retryAt = retryAtOf(event);
      return changeThread(state, id, (thread) => ({ ...thread, missing, retryAt, sync: missing ? "none" : "stale" }));
    }
    if (kind === "history") return { ...changeThread(state, id, (thread) => ({ ...thread, older: "idle" })), jump: null };
    if (kind === "presets") return { ...state, presets: { ...state.presets, phase: "idle" } };
    if (kind === "list") return listRefused(state, event);
    if (kind === "search") return searchRefused(state, event);
    return state;
  },

  // -- The person ---------------------------------------------------------------------------------
  "user.open": (state, { conversation }) => ({
    ...state,
    open: conversation,
    threads: state.threads[conversation]
      ? state.threads
      : { ...state.threads, [conversation]: emptyThread(conversation) },
  }),
  "user.new": (state, { draft }) => ({ ...state, open: null, draft }),
  "user.model": withModel,
  "user.params": withParams,
  "user.send": (state, event) => {
    const item = { ...event, ...takenAlong(state), kind: "send", place: placeOf(state), conversation: state.open };
    const next = withNextBegun(withItem(state, item));
    if (event.parent === undefined) return next;
    return changeThread(next, state.open, (thread) => ({ ...thread, leaf: event.parent }));
  },
  "user.regenerate": (state, event) => {
    const next = withItem(state, { ...event, kind: "create", place: placeOf(state) });
    return changeThread(next, state.open, (thread) => ({ ...thread, leaf: event.message }));
  },
  "user.continue": (state, event) => withItem(state, { ...event, kind: "continue", place: placeOf(state) }),
  "user.stop": (state) => {
    const ours = Object.values(state.live).filter((one) => one.conversation === state.open);
    return withStops(stopOutbox(state, placeOf(state)), ours.map(({ id }) => id));
  },
  "user.retry": retried,
  "user.reclaim": reclaimed,
  "user.discard": discarded,
  "user.switch": (state, event) => switched(state, event),
  "user.older": (state) =>
    changeThread(state, state.open, (thread) => (thread.older === "idle" ? { ...thread, older: "wanted" } : thread)),

  // -- What this browser kept ---------------------------------------------------------------------
  "kept.found": (state, event) => withKeptRequests(restore(state, event), event.requests ?? []),

  ...draftHandlers,
  ...comparingHandlers,
  ...presetHandlers,
  ...ratingHandlers,
  ...sharingHandlers,
};

/** What a command that has left changes, so that `due` does not ask for it again. */
const sent = {
  "conversation.list": listSent,
  "conversation.search": searchSent,
  "conversation.subscribe": (state, command) =>
    changeThread(state, command.conversation, (thread) => ({ ...thread, sync: "asked", retryAt: null })),
  "conversation.unsubscribe": (state, command) =>
    changeThread(state, command.conversation, (thread) => ({ ...thread, sync: "none" })),
  "conversation.history": (state, command) =>
    changeThread(state, command.conversation, (thread) => ({ ...thread, older: "asked" })),
  "preset.list": (state) => ({ ...state, presets: { ...state.presets, phase: "asked" } }),
  "generation.cancel": (state, command) => changeStop(state, command.generation, { sent: true, retryAt: null }),
  "message.send": (state, command) => markSent(state, command.message),
  "generation.create": (state, command) => markSent(state, command.answer),
  "generation.continue": (state, command) => markSent(state, command.generation),
};

function changeLive(state, event, change) {
  const live = state.live[event.generation];
  return live ? setLive(state, { ...live, ...change }) : state;
}

/** When the reasoning began and ended, as far as this page was there. */
function thoughtTimes(live, kind, at) {
  if (kind === "reasoning") return live.reasoning || live.content ? {} : { thoughtFrom: at };
  return live.thoughtFrom && !live.thoughtUntil ? { thoughtUntil: at } : {};
}

function newLive(id, message, conversation, rest = {}) {
  const empty = { status: "queued", seq: 0, content: "", reasoning: "", position: null, retry: null, stopping: false };
  return { ...empty, ...rest, id, message, conversation };
}

/** The live generations of a snapshot replace ours, but for text of ours that reaches further. */
function withSnapshotLive(state, thread, generations) {
  const ours = Object.values(state.live).filter((one) => one.conversation === thread.id);
  const next = withoutLive(state, ours.map((one) => one.id));
  for (const theirs of generations) {
    const known = state.live[theirs.id];
    const ended = thread.messages[theirs.message]?.generation;
    if (ended?.id === theirs.id && !LIVE_STATUSES.has(ended.status)) continue;
    const { id, message, ...rest } = theirs;
    next.live[id] = known && known.seq > theirs.seq ? known : { ...newLive(id, message, thread.id), ...pick(known, state.stops[id]), ...rest };
  }
  return next;
}

const pick = (known, stop) => ({
  stopping: Boolean(known?.stopping || stop),
  ...(known && {
    model: known.model, omitted: known.omitted, startedAt: known.startedAt, thoughtFrom: known.thoughtFrom, thoughtUntil: known.thoughtUntil,
  }),
});

/** Move the text into its message; with a hole before the end, wait for the snapshot that has it all. */
function ended(before, event, status) {
  const state = withoutStop(before, event.generation);
  const live = state.live[event.generation];
  if (!live) return state;
  if (event.seq > live.seq + 1) {
    return changeThread(setLive(state, { ...live, status }), live.conversation, stale);
  }
  const { usage, timing, finish_reason, code, retryable, by_staff, seq } = event;
  const next = changeThread(withAvailability(state, live, event), live.conversation, (thread) => {
    const message = thread.messages[live.message];
    if (!message) return stale(thread);
    const omitted = live.omitted ?? message.generation?.omitted ?? 0;
    const generation = {
      ...message.generation, id: live.id, status, seq, finish_reason, usage, timing, code, retryable, by_staff, omitted,
    };
    const content = message.content + live.content;
    const reasoning = (message.reasoning ?? "") + live.reasoning;
    return withMessages(thread, [{ ...message, content, reasoning, generation }]);
  });
  return withoutLive(next, [live.id]);
}

/** A model that refuses us is not offered, as the server will say itself when the page connects again. */
function withAvailability(state, live, { type, code }) {
  const id = live.model ?? state.threads[live.conversation]?.messages[live.message]?.generation?.model;
  const available = type === "generation.completed" ? true : REFUSALS.has(code) ? false : null;
  if (available === null || !state.models.some((model) => model.id === id && model.available !== available)) return state;
  return { ...state, models: state.models.map((model) => (model.id === id ? { ...model, available } : model)) };
}

const mapValues = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
