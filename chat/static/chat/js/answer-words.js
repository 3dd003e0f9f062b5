/** What an answer says about itself, in words, and which actions it offers. Pure. */

import { words } from "chat/words";

const LIVE = new Set(["queued", "in_progress"]);

/** `{tone, text}`: tone is `busy`, `note` or `error`; null when there is nothing to say. */
export function statusOf({ message, live, item }, { ready, now }) {
  if (live) return liveStatus(message, live, now);
  if (item) return pendingStatus(item, ready);
  return message.generation ? endStatus(message, message.generation) : null;
}

/** A prompt that waits says so itself; its answer need not repeat it. */
function pendingStatus(item, ready) {
  if (item.stopping) return busy(words.stopping());
  if (ready) return busy(words.starting());
  return item.kind === "send" ? null : busy(words.waitingToSend());
}

const busy = (text) => ({ tone: "busy", text });

function liveStatus(message, live, now) {
  if (live.stopping) return busy(words.stopping());
  if (live.retry) return busy(live.retry.at > now ? words.retrying(live.retry.at - now, live.retry.code) : words.retryingNow());
  if (live.status === "queued") return busy(words.queued(live.position));
  if (live.content) return null;
  if (live.reasoning) return busy(words.thinking());
  return busy(words.waitingForModel());
}

function endStatus(message, generation) {
  const note = (text) => (text ? { tone: "note", text } : null);
  switch (generation.status) {
    case "cancelled":
      return note(words.stopped());
    case "interrupted":
      return note(words.interrupted());
    case "failed":
      return { tone: "error", text: words.failure(generation.code) };
    case "completed":
      if (!message.content) return note(generation.finish_reason === "length" ? words.emptyAtLimit() : words.emptyAnswer());
      return note(words.finish(generation.finish_reason));
    default:
      return null;
  }
}

/** Which of `continue`, `retry`, `regenerate`, `copy` make sense now. */
export function actionsOf({ message, live, item, last }) {
  const generation = message.generation;
  if (live || item || !generation || LIVE.has(generation.status)) return [];
  const { status, finish_reason: reason } = generation;
  const broken = status === "interrupted" || status === "cancelled" || status === "failed" || reason === "length";
  const actions = [];
  if (last && broken && message.content) actions.push("continue");
  if (last && (status === "failed" || (broken && !message.content))) actions.push("retry");
  if (message.content) actions.push("copy");
  if (!actions.includes("retry")) actions.push("regenerate");
  return actions;
}

/** The quiet line under an answer: model, tokens, time to first word, speed. */
export function numbersOf(generation, modelTitle) {
  const { usage, timing } = generation;
  const parts = [modelTitle(generation.model)];
  if (usage?.output_tokens) parts.push(words.tokens(usage.output_tokens, usage.estimated));
  if (timing?.ttft_ms != null) parts.push(words.firstWord(timing.ttft_ms));
  const speed = speedOf(usage, timing);
  if (speed) parts.push(speed);
  return parts.filter(Boolean).join(" · ");
}

function speedOf(usage, timing) {
  if (!timing) return null;
  const writing = (timing.total_ms ?? 0) - (timing.ttft_ms ?? 0);
  if (usage?.output_tokens > 1 && writing > 0) {
    return words.tokensPerSecond(rounded((usage.output_tokens - 1) / (writing / 1000)));
  }
  return timing.chars_per_second ? words.charactersPerSecond(rounded(timing.chars_per_second)) : null;
}

const rounded = (value) => (value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
