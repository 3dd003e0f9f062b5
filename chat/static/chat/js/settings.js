/**
 * What shapes the answers of a conversation: its model and its parameters. Pure.
 *
 * They are kept with the conversation. For the next new one the parameters are in `state.next` until its first prompt
 * takes them along, and the model that was chosen is that of every new one.
 */

import { placeOf } from "chat/place";
import { askUpdate, asked } from "chat/requests";

const NONE = Object.freeze({});

/** The first prompt of the conversation that is being made, if it was sent already. */
const firstOf = (state) => (state.open ? null : state.outbox.find((item) => item.place === state.draft));

/** Whether there is something that can be asked of a conversation: it exists, or is about to. */
const isBegun = (state) => Boolean(state.open || firstOf(state));

const wished = (state, name) => asked(state, `${name}:${placeOf(state)}`);

/** The parameters of the open conversation, or of the next one; what is unset is left to the model. */
export function paramsOf(state) {
  const wish = wished(state, "params");
  if (wish) return wish.params;
  if (state.open) return state.conversations[state.open]?.params ?? NONE;
  return firstOf(state)?.params ?? state.next.params;
}

/** The id of the model that was chosen here, or null. */
export function chosenModel(state) {
  const wish = wished(state, "model");
  if (wish) return wish.model;
  return state.open ? (state.conversations[state.open]?.model ?? null) : (firstOf(state)?.model ?? state.model);
}

export function currentModel(state) {
  const id = chosenModel(state) ?? state.models[0]?.id;
  return state.models.find((model) => model.id === id) ?? state.models[0] ?? null;
}

export function withParams(state, { params, id }) {
  if (!isBegun(state)) return { ...state, next: { ...state.next, params } };
  return asking(state, "params", id, { params });
}

export function withModel(state, { model, id }) {
  return isBegun(state) ? asking(state, "model", id, { model }) : { ...state, model };
}

const asking = (state, what, id, set) => askUpdate(state, { what, id, conversation: placeOf(state), set });

/** What a prompt takes along: with the first of a conversation goes what was chosen for it. */
export function takenAlong(state) {
  if (state.open) return {};
  const { params } = state.next;
  return { model: state.model, ...(Object.keys(params).length && { params }) };
}

/** The next conversation has begun, and the one after it begins with nothing. */
export const withNextBegun = (state) => (state.open ? state : { ...state, next: { params: NONE } });

/** A first prompt was taken back before it was sent, and what went with it is chosen again. */
export function withNextBack(state, item) {
  if (item.kind !== "send" || item.conversation || !item.params || Object.keys(state.next.params).length) return state;
  return { ...state, next: { params: item.params } };
}
