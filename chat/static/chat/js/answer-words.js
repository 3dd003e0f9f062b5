/** What an answer says about itself, in words, and which actions it offers. Pure. */

import { words } from "chat/words";

// A model that is asked for the first time in a while is loaded first: tens of seconds, where the others take one or two.
const WAKING_AFTER_MS = 5000;
const LIVE = new Set(["queued", "in_progress"]);

/** `{tone, text}`: tone is `busy`, `note` or `error`; null when there is nothing to say. */
export function statusOf({ message, live, item, behind }, { ready, now }) {
  if (live) return liveStatus(message, live, now);
  if (item) return pendingStatus(item, behind, ready);
  return endOf(message);
}

/** How many of the oldest messages this answer was written without. */
export const omittedOf = ({ message, live }) => live?.omitted ?? message.generation?.omitted ?? 0;

/** A prompt that waits says so itself; its answer need not repeat it. */
function pendingStatus(item, behind, ready) {
  if (item.accepted) return busy(item.stopping ? words.stopping() : words.starting());
  if (item.kind !== "send" || behind || item.retryAt) return null;
  if (item.stopping) return busy(words.stopping());
  return ready ? busy(words.starting()) : null;
}

const busy = (text) => ({ tone: "busy", text });

function liveStatus(message, live, now) {
  if (live.stopping) return busy(words.stopping());
  if (live.retry) return busy(live.retry.at > now ? words.retrying(live.retry.at - now, live.retry.code) : words.retryingNow());
  if (live.status === "queued") return busy(words.queued(live.position));
  // Of its reasoning the fold tells.
  if (live.content || live.reasoning) return null;
  const waited = now - (live.startedAt ?? now);
  return busy(waited < WAKING_AFTER_MS ? words.waitingForModel() : words.wakingModel(waited));
}

/** The reasoning: `{text, thinking, ms}`; `ms`, how long it took or takes so far, is null when not known. */
export function thinkingOf({ message, live }, now) {
  const text = (message.reasoning ?? "") + (live?.reasoning ?? "");
  const thinking = Boolean(live) && !((message.content ?? "") + live.content);
  return { text, thinking, ms: text ? (live ? liveThinkingMs(live, now) : thinkingMs(message.generation?.timing)) : null };
}

const liveThinkingMs = ({ thoughtFrom, thoughtUntil }, now) => (thoughtFrom ? (thoughtUntil ?? now) - thoughtFrom : null);

function thinkingMs(timing) {
  const end = timing?.content_ms ?? timing?.total_ms;
  return timing?.reasoning_ms != null && end != null ? end - timing.reasoning_ms : null;
}

/** Whether what is said of a row changes by time alone. */
export const ticks = ({ live }) => Boolean(live?.retry || (live?.thoughtFrom && !live.thoughtUntil) || isAwaited(live));

const isAwaited = (live) => Boolean(live?.startedAt) && !live.content && !live.reasoning;

/** How a written answer ended, as `statusOf` says it. */
export function endOf(message) {
  const { generation } = message;
  const note = (text) => (text ? { tone: "note", text } : null);
  switch (generation?.status) {
    case "cancelled":
      return note(generation.by_staff ? words.stoppedByStaff() : words.stopped());
    case "interrupted":
      return note(words.interrupted());
    case "failed":
      return { tone: "error", text: words.failure(generation.code) };
    case "completed":
      return note(message.content ? words.finish(generation.finish_reason) : emptyWords(message, generation));
    default:
      return null;
  }
}

function emptyWords({ reasoning }, { finish_reason: reason }) {
  if (reason === "length") return reasoning ? words.thoughtToLimit() : words.emptyAtLimit();
  return reasoning ? words.onlyThought() : words.emptyAnswer();
}

/** Which of `continue`, `retry`, `regenerate`, `copy` make sense now. */
export function actionsOf({ message, live, item, last }) {
  const generation = message.generation;
  if (live || item || !generation || LIVE.has(generation.status)) return [];
  const { status, finish_reason: reason } = generation;
  const broken = status === "interrupted" || status === "cancelled" || status === "failed" || reason === "length";
  const actions = [];
  if (last && broken && message.content) actions.push("continue");
  // Without a word to go on from, continuing would only begin again.
  if (last && (status === "failed" || !message.content)) actions.push("retry");
  if (message.content) actions.push("copy");
  if (!actions.includes("retry")) actions.push("regenerate");
  return actions;
}
