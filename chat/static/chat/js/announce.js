/**
 * Tells screen readers when an answer of the open conversation starts and how it ends, and nothing between; and which
 * of its messages are not sent.
 */

import { endOf } from "chat/answer-words";
import { placeOf } from "chat/state";
import { newlyRefused } from "chat/unsent";
import { words } from "chat/words";

export class Announcer {
  constructor(node) {
    this.node = node;
  }

  listener = (state, before, event) => {
    const refused = newlyRefused(state, before).find((item) => item.place === placeOf(state));
    if (refused) this.#say(words.notSent(refused.refusal));
    const live = before.live[event.generation] ?? state.live[event.generation];
    if (!live || live.conversation !== state.open) return;
    if (event.type === "generation.started") this.#say(started(event));
    if (!before.live[event.generation] || state.live[event.generation]) return;
    if (event.type === "generation.completed") this.#say(finished(state, live));
    if (event.type === "generation.cancelled") this.#say(words.answerStopped());
    if (event.type === "generation.interrupted") this.#say(words.interrupted());
    if (event.type === "generation.failed") this.#say(words.answerFailed(event.code));
  };

  #say(text) {
    this.node.textContent = text;
  }
}

const started = ({ omitted }) =>
  omitted ? `${words.answerStarted()} ${words.omitted(omitted)}` : words.answerStarted();

function finished(state, { conversation, message }) {
  const answer = state.threads[conversation]?.messages[message];
  return (answer && endOf(answer)?.text) ?? words.answerFinished();
}
