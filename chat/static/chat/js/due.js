/**
 * Which commands the state waits to send now. Pure: `command.sent` in the reducer takes each one out again.
 *
 * A `command_id` is `<what>:<key>`, so a reply or an error says by itself what it answers.
 */

import { dueLists } from "chat/listing";
import { dueRequests, isLeaving, isUnsettled } from "chat/requests";
import { dueSearch } from "chat/searching";
import { branch } from "chat/thread";

export function due(state, now) {
  if (state.connection.phase !== "ready") return [];
  // What is restored can be subscribed to, and a list asked for after a change has it.
  const asking = [...dueRequests(state, now), ...subscriptions(state, now), ...dueLists(state, now), ...dueSearch(state, now), ...presets(state)];
  return [...asking, ...outgoing(state, now), ...cancels(state, now)];
}

/** The moment something becomes due by time alone, or null. */
export function nextDueAt(state, now) {
  if (state.connection.phase !== "ready") return null;
  const waiting = [
    ...state.outbox, ...Object.values(state.threads), ...Object.values(state.stops), ...state.requests, state.list,
  ];
  const times = [...waiting.map((one) => one.retryAt), state.search?.dueAt].filter((at) => at > now);
  return times.length ? Math.min(...times) : null;
}

function subscriptions(state, now) {
  const watched = new Set(Object.values(state.live).map((one) => one.conversation));
  for (const item of state.outbox) watched.add(item.place);
  if (state.open) watched.add(state.open);
  const commands = [];
  for (const thread of Object.values(state.threads)) {
    if (isLeaving(state, thread.id)) continue;
    if (watched.has(thread.id)) commands.push(...wanted(thread, now));
    else if (thread.sync === "live" || thread.sync === "stale") {
      commands.push({ type: "conversation.unsubscribe", conversation: thread.id });
    }
  }
  return commands;
}

function wanted(thread, now) {
  const conversation = thread.id;
  if (thread.missing || (thread.retryAt ?? 0) > now) return [];
  if (thread.sync === "none" || thread.sync === "stale") {
    const command = { type: "conversation.subscribe", command_id: `subscribe:${conversation}`, conversation };
    if (thread.revision !== null) command.revision = thread.revision;
    return [command];
  }
  if (thread.older === "wanted" && thread.sync === "live") {
    const [first] = branch(thread);
    return [{ type: "conversation.history", command_id: `history:${conversation}`, conversation, before: first.id }];
  }
  return [];
}

const presets = ({ presets: { phase } }) => (phase === "wanted" ? [{ type: "preset.list", command_id: "presets:all" }] : []);

/** In each conversation one at a time and in order: what follows may depend on the first one's ids. */
function outgoing(state, now) {
  const busy = new Set();
  const commands = [];
  for (const item of state.outbox) {
    if (busy.has(item.place)) continue;
    if (!item.accepted) busy.add(item.place);
    const isWaiting = isUnsettled(state, item.conversation) || item.sent || item.accepted || item.refusal || (item.retryAt ?? 0) > now;
    if (!isWaiting) commands.push(command(item));
  }
  return commands;
}

function command(item) {
  const { kind, key } = item;
  if (kind === "continue") {
    return { type: "generation.continue", command_id: `continue:${key}`, generation: key };
  }
  const shape = { ...(item.model && { model: item.model }), ...(item.params && { params: item.params }) };
  if (kind === "create") {
    return { type: "generation.create", command_id: `create:${key}`, message: item.message, answer: key, ...shape };
  }
  const parent = item.parent === undefined ? {} : { parent: item.parent };
  const { conversation, content } = item;
  const beside = item.compare ? { compare: true } : {};
  return { type: "message.send", command_id: `send:${key}`, message: key, conversation, content, ...parent, ...shape, ...beside };
}

function cancels(state, now) {
  return Object.entries(state.stops)
    .filter(([, stop]) => !stop.sent && (stop.retryAt ?? 0) <= now)
    .map(([id]) => ({ type: "generation.cancel", command_id: `cancel:${id}`, generation: id }));
}
