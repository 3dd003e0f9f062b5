/** What a message that the server has not acknowledged says about itself, and offers. Pure. */

import { words } from "chat/words";

/** `{tone, text}` for an item; `behind`: one before it in its conversation has not been accepted. */
export function unsentWords({ item, behind }, { ready, now }) {
  if (item.refusal) return { tone: "error", text: words.notSent(item.refusal) };
  return { tone: "busy", text: waiting(item, behind, ready, now) };
}

function waiting(item, behind, ready, now) {
  if (item.stopping) return words.stopping();
  if (behind) return words.waitsForItsTurn();
  if (!ready) return words.waitingToSend();
  if (item.retryAt) return words.notSentYet(item.waits, item.retryAt - now);
  return words.sending();
}

/** The items that were refused by the last event. */
export function newlyRefused(state, before) {
  if (state.outbox === before.outbox) return [];
  const known = new Set(before.outbox.filter((item) => item.refusal).map((item) => item.key));
  return state.outbox.filter((item) => item.refusal && !known.has(item.key));
}

/** Which of `retry`, `reclaim` (back to the composer) and `discard` make sense. */
export function offersOf({ item }) {
  if (!item?.refusal) return [];
  return item.kind === "send" ? ["retry", "reclaim", "discard"] : ["retry", "discard"];
}
