/** What the person thinks of answers. Pure. */

import { ask, asked, refusalOf } from "chat/requests";

/** The reasons of docs/protocol.md that go with each rating. */
export const REASONS = {
  up: ["accurate", "helpful", "clear", "other"],
  down: ["incorrect", "incomplete", "off_topic", "style", "unsafe", "other"],
};

export const COMMENT_CHARS = 2000;

const subjectOf = (message) => `rating:${message}`;

/** `{rating, reason, comment}`, or null when there is none; what was asked for holds before it is confirmed. */
export function ratingOf(state, message) {
  const wish = asked(state, subjectOf(message.id));
  if (wish) return wish.rating ? wish : null;
  return message.rating ?? null;
}

/** Whether a rating was refused, and is not stored. */
export const isRatingRefused = (state, message) => refusalOf(state, subjectOf(message.id)) !== null;

/** Whether a row has something to have an opinion of; what was given is shown in any case. */
export const isRatable = ({ message, rating }) => Boolean(message.content || message.reasoning || rating);

/** What pressing a thumb asks for: the same one again takes it back. */
export const pressed = (current, thumb) => (current?.rating === thumb ? null : thumb);

export const ratingHandlers = {
  "message.rated": (state, { conversation, message: id, rating }) => {
    const thread = state.threads[conversation];
    if (!thread?.messages[id]) return state;
    const messages = { ...thread.messages, [id]: { ...thread.messages[id], rating } };
    return { ...state, threads: { ...state.threads, [conversation]: { ...thread, messages } } };
  },
  "user.rate": (state, { id, message, rating, reason, comment }) => {
    const why = { ...(rating && reason && { reason }), ...(rating && comment && { comment }) };
    return ask(state, { subject: subjectOf(message), id, command: { type: "message.rate", message, rating, ...why } });
  },
};
