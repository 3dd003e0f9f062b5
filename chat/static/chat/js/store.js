/** Holds the state: takes events in, sends what is due, and draws at most once per frame. */

import { due, nextDueAt } from "chat/due";
import { reduce } from "chat/state";

const HIDDEN_DRAW_MS = 250;

export class Store {
  #cancelDraw = null;
  #dueTimer = null;
  #listeners = [];

  constructor(state, { send, draw }) {
    this.state = state;
    this.send = send;
    this.draw = draw;
    document.addEventListener("visibilitychange", () => this.#shownOrHidden());
  }

  /** Call `listener(state, before, event)` after each change. */
  listen(listener) {
    this.#listeners.push(listener);
  }

  dispatch = (event) => {
    const before = this.state;
    const stamped = { ...event, at: Date.now() };
    this.state = reduce(before, stamped);
    for (const listener of this.#listeners) listener(this.state, before, stamped);
    if (event.type !== "command.sent") this.flush();
    this.plan();
  };

  /** Send what the state waits to send. */
  flush() {
    for (const command of due(this.state, Date.now())) {
      this.dispatch({ type: "command.sent", command });
      this.send(command);
    }
    clearTimeout(this.#dueTimer);
    const at = nextDueAt(this.state, Date.now());
    if (at !== null) this.#dueTimer = setTimeout(() => this.flush(), Math.max(0, at - Date.now()));
  }

  plan() {
    this.#cancelDraw ??= planned(() => this.#drawNow());
  }

  #drawNow() {
    this.#cancelDraw?.();
    this.#cancelDraw = null;
    this.draw(this.state);
  }

  /** A frame that was planned does not come once the page is hidden, and one that is shown again is to be right at once. */
  #shownOrHidden() {
    if (!this.#cancelDraw) return;
    if (!document.hidden) return this.#drawNow();
    this.#cancelDraw();
    this.#cancelDraw = planned(() => this.#drawNow());
  }
}

/** Call `draw` with the next frame; a hidden page gets none, and its title and list shall still be right. */
function planned(draw) {
  if (document.hidden) {
    const timer = setTimeout(draw, HIDDEN_DRAW_MS);
    return () => clearTimeout(timer);
  }
  const frame = requestAnimationFrame(draw);
  return () => cancelAnimationFrame(frame);
}
