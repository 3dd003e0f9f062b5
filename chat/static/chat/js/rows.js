/**
 * What the log shows, from what the page knows. Pure: the views compare rows field by field and touch
 * only what changed.
 */

import { isCompared, isWaiting } from "chat/comparing";
import { aboutMessage, draftOf } from "chat/drafts";
import { placeOf, threadOf } from "chat/place";
import { isRatingRefused, ratingOf } from "chat/ratings";
import { branch, siblings } from "chat/thread";

/**
 * Rows `{key, message, live, item, behind, versions, rating, unrated, draft, last}`; `item` is there while a message is not acknowledged,
 * `behind` tells whether it waits for one before it, and `draft` is what is written in its place or about it and not sent.
 */
export function rows(state) {
  const thread = threadOf(state);
  const items = state.outbox.filter((item) => item.place === placeOf(state));
  const shown = thread ? branch(thread) : [];
  const live = liveByMessage(state);
  const written = (message) => ({
    key: message.id,
    message,
    live: live[message.id] ?? null,
    item: items.find((item) => item.kind === "continue" && item.key === message.generation?.id) ?? null,
    behind: false,
    versions: siblings(thread, message),
    rating: ratingOf(state, message),
    unrated: isRatingRefused(state, message),
    draft: draftOf(state, aboutMessage(message.id)),
    last: false,
  });
  const result = cut(shown, items).map(written);
  for (const item of items) result.push(...pending(item, shown, isBehind(item, items)));
  const prompt = result.findLast(({ message }) => message.role === "user")?.key;
  if (prompt && isCompared(state, prompt)) return [...upTo(result, prompt), columnsOf(state, prompt, result, written)];
  if (result.length) result.at(-1).last = true;
  return result;
}

const upTo = (result, prompt) => result.slice(0, result.findIndex(({ key }) => key === prompt) + 1);

/** The answers to `prompt` as one row; those that are on their way are at the end of `result`. */
function columnsOf(state, prompt, result, written) {
  const thread = threadOf(state);
  const there = (thread?.children[prompt] ?? []).filter((id) => thread.messages[id]).map((id) => written(thread.messages[id]));
  const known = new Set(there.map(({ key }) => key));
  const coming = result.slice(result.findIndex(({ key }) => key === prompt) + 1).filter(({ key, item }) => item && !known.has(key));
  const keepable = !isWaiting(state, prompt);
  const columns = [...there, ...coming].map((row) => ({
    ...row, keepable: keepable && known.has(row.key), versions: [row.key], last: true,
    model: row.message.generation?.model ?? row.item?.model ?? null,
  }));
  const content = columns.map(({ message, live }) => (message.content ?? "") + (live?.content ?? "")).join("");
  const live = columns.some((column) => column.live) ? { content: "", reasoning: "" } : null;
  return { key: `columns-${prompt}`, columns, message: { role: "assistant", content }, live, item: null, last: true };
}

/** An edit or a new answer replaces what follows its parent on screen, at once. */
function cut(shown, items) {
  const branching = items.find((item) => item.kind === "create" || (item.kind === "send" && item.parent !== undefined));
  if (!branching || shown.some((message) => message.id === branching.key)) return shown;
  const parent = branching.kind === "create" ? branching.message : branching.parent;
  // To be answered again, a prompt that is on its way itself replaces nothing.
  if (branching.kind === "create" && !shown.some((message) => message.id === parent)) return shown;
  return shown.slice(0, shown.findIndex((message) => message.id === parent) + 1);
}

const isBehind = (item, items) => items.slice(0, items.indexOf(item)).some((one) => !one.accepted);

function pending(item, shown, behind) {
  const missing = (id) => !shown.some((message) => message.id === id);
  const row = (key, message) => ({ key, message, live: null, item, behind, versions: [key], draft: "", last: false });
  const made = [];
  if (item.kind === "send" && missing(item.key)) {
    made.push(row(item.key, { id: item.key, role: "user", content: item.content }));
  }
  const answer = item.kind === "create" ? item.key : (item.answer ?? `answer-${item.key}`);
  const isToBe = !item.refusal || item.kind === "create";
  if (item.kind !== "continue" && isToBe && missing(answer)) {
    made.push(row(answer, { id: answer, role: "assistant", content: "", reasoning: "" }));
  }
  return made;
}

function liveByMessage(state) {
  const found = {};
  for (const one of Object.values(state.live)) found[one.message] = one;
  return found;
}

/** What the composer's button does now: `send`, `stop`, or `stopping` until the end is confirmed. */
export function composerMode(state) {
  const live = Object.values(state.live).filter((one) => one.conversation === state.open);
  const busy = [...underWay(state.outbox.filter((item) => item.place === placeOf(state))), ...live];
  if (busy.length === 0) return "send";
  return busy.every((one) => one.stopping) ? "stopping" : "stop";
}

/** What a refused one holds up waits for the person, as that does. */
function underWay(items) {
  const refused = items.findIndex((item) => item.refusal);
  return refused === -1 ? items : items.slice(0, refused);
}

/** The conversations that do not exist yet: `{place, title, refused}`, the latest first. */
export function unborn(state) {
  const found = new Map();
  for (const { place, conversation, kind, content, refusal } of state.outbox) {
    if (kind !== "send" || conversation) continue;
    const known = found.get(place) ?? { place, title: content, refused: false };
    found.set(place, { ...known, refused: known.refused || Boolean(refusal) });
  }
  return [...found.values()].reverse();
}

/** The conversations in which something was refused and waits for the person. */
export const refusing = (state) => new Set(state.outbox.filter((item) => item.refusal).map((item) => item.place));

export const liveConversations = (state) =>
  new Set(Object.values(state.live).map((one) => one.conversation));
