/** Holds the state: takes events in, sends what is due, and draws at most once per frame. */

import { due, nextDueAt } from "chat/due";
import { reduce } from "chat/state";

const HIDDEN_DRAW_MS = 250;

export class Store {
  #drawPlanned = false;
  #dueTimer = null;
  #listeners = [];

  constructor(state, { send, draw }) {
    this.state = state;
    this.send = send;
    this.draw = draw;
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
    const at = nextDueAt(this.state);
    if (at !== null) this.#dueTimer = setTimeout(() => this.flush(), Math.max(0, at - Date.now()));
  }

  plan() {
    if (this.#drawPlanned) return;
    this.#drawPlanned = true;
    const draw = () => {
      this.#drawPlanned = false;
      this.draw(this.state);
    };
    // A hidden page gets no animation frames, and its title and list shall still be right.
    if (document.hidden) setTimeout(draw, HIDDEN_DRAW_MS);
    else requestAnimationFrame(draw);
  }
}
