/**
 * One prompt answered by several models, side by side. Pure.
 *
 * The answers are versions of one: the prompt goes to the first model, and each of the others is asked to answer it again.
 * That they are shown beside each other is stored with the conversation (`compared`, the prompt), until one is kept or the
 * conversation goes on.
 */

import { withItem } from "chat/outbox";
import { placeOf } from "chat/place";
import { askUpdate } from "chat/requests";
import { takenAlong, withNextBegun } from "chat/settings";
import { switchedTo } from "chat/thread";

export const FEWEST = 2;
export const MOST = 4;

/** Models that can be chosen, of those chosen before: what is not offered any more is left out. */
export function chosen(state) {
  const offered = new Set(state.models.filter(({ available }) => available !== false).map(({ id }) => id));
  const models = state.comparing.filter((id) => offered.has(id));
  return models.length >= FEWEST ? models : [];
}

/** `models` with `id` added or taken out, as far as that may be. */
export function toggled(models, id) {
  if (models.includes(id)) return models.filter((one) => one !== id);
  return models.length < MOST ? [...models, id] : models;
}

/** Whether the answers to `prompt` are shown beside each other. */
export const isCompared = (state, prompt) =>
  state.conversations[state.open]?.compared === prompt || state.outbox.some((item) => item.compare && isOf(item, prompt));

const isOf = (item, prompt) => item.key === prompt || item.message === prompt;

/** Whether something of a comparison is still to be asked for: until then none of it can be kept. */
export const isWaiting = (state, prompt) => state.outbox.some((item) => isOf(item, prompt) && !item.accepted);

export const comparingHandlers = {
  "user.comparing": (state, { models }) => ({ ...state, comparing: models }),

  /** Send a prompt to the first of `models`, and its question to the others; `answers` are the uuids of theirs. */
  "user.compare": (state, event) => {
    const { type, at, key, content, models, answers, parent } = event;
    const base = { type, at, place: placeOf(state), conversation: state.open, compare: true };
    const branch = parent === undefined ? {} : { parent };
    const prompt = { ...base, ...takenAlong(state), ...branch, key, content, kind: "send", model: models[0] };
    let next = withNextBegun(withItem(state, prompt));
    models.slice(1).forEach((model, index) => {
      next = withItem(next, { ...base, kind: "create", key: answers[index], message: key, model });
    });
    const thread = parent === undefined ? null : next.threads[state.open];
    const threads = thread ? { ...next.threads, [thread.id]: { ...thread, leaf: parent } } : next.threads;
    return { ...next, comparing: [], threads };
  },

  /** Go on with one answer and its model; the others stay as its versions. */
  "user.keep": (state, { answer, model, id }) => {
    const thread = state.threads[state.open];
    if (!thread?.messages[answer]) return state;
    const conversation = thread.id;
    const threads = { ...state.threads, [conversation]: switchedTo(thread, answer) };
    const set = { head: answer, compared: null, ...(model && { model }) };
    return askUpdate({ ...state, threads }, { what: "kept", id, conversation, set });
  },
};
