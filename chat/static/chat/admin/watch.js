/**
 * Watches an answer while it is written: asks for what was stored since, about once a second, until it has ended.
 *
 * The first answer begins the watch (the access log has it then) and gives the token that later ones go on with.
 */

import { backoffMs } from "chat/backoff";

const EVERY_MS = 1000;
const HIDDEN_MS = 15_000;

/** What an answer of the server says: `{told, again}`, where `again` is whether to ask on. Pure. */
export function readAnswer(status, body) {
  if (status === 200 && body) return { told: body.live ? (body.stopping ? "stopping" : "watching") : "ended", again: body.live };
  if (body?.ask) return { told: "ask", again: false };
  if (body?.unrecorded) return { told: "unrecorded", again: true };
  // 0: a redirect to sign in.
  return [0, 401, 403, 404].includes(status) ? { told: "refused", again: false } : { told: "lost", again: true };
}

/** How long to wait after `failures` answers in a row that were none. Pure. */
export const pauseMs = (failures, hidden, random) => Math.max(failures ? backoffMs(failures - 1, random) : 0, hidden ? HIDDEN_MS : EVERY_MS);

export class Watch {
  #seq;
  #token = "";
  #failures = 0;
  #timer = null;
  #asking = false;

  constructor(entry) {
    this.entry = entry;
    this.url = entry.node.dataset.live;
    this.#seq = Number(entry.node.dataset.seq);
    this.told = entry.node.querySelector("[data-part=told]");
  }

  start() {
    this.#ask();
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.#timer !== null) this.#ask();
    });
  }

  async #ask() {
    if (this.#asking) return;
    this.#asking = true;
    clearTimeout(this.#timer);
    this.#timer = null;
    const { status, body } = await this.#fetch();
    this.#asking = false;
    const { told, again } = readAnswer(status, body);
    const isAnswer = status === 200 && body !== null;
    this.#failures = isAnswer ? 0 : this.#failures + 1;
    if (isAnswer) this.#take(body);
    this.#say(told, body);
    if (again) this.#timer = setTimeout(() => this.#ask(), pauseMs(this.#failures, document.hidden));
  }

  async #fetch() {
    const asked = new URLSearchParams({ after: this.#seq, watch: this.#token });
    try {
      const answer = await fetch(`${this.url}?${asked}`, { redirect: "manual", headers: { accept: "application/json" } });
      return { status: answer.status, body: await answer.json().catch(() => null) };
    } catch {
      return { status: 503, body: null };
    }
  }

  #take(body) {
    this.#token = body.watch ?? "";
    if (body.live) {
      this.#seq = body.seq ?? this.#seq;
      this.entry.grow(body);
      this.#showState(body);
    } else {
      this.entry.finish(body);
      this.#showEnd(body.attempt);
    }
  }

  get #attempt() {
    return this.entry.node.querySelector("[data-part=attempt]:is(.is-queued, .is-in_progress)");
  }

  #showState({ state, status }) {
    const attempt = this.#attempt;
    attempt.classList.remove("is-queued", "is-in_progress");
    attempt.classList.add(`is-${state}`);
    attempt.querySelector("[data-part=status]").textContent = status;
  }

  /** The numbers, in place of what stood there while it was written. */
  #showEnd(html) {
    const old = this.#attempt;
    const hadFocus = old.contains(document.activeElement);
    const made = document.createElement("template");
    made.innerHTML = html;
    old.replaceWith(made.content);
    if (hadFocus) this.told.focus();
  }

  #say(told, body) {
    for (const words of this.told.children) words.hidden = words.dataset.told !== told;
    if (told === "ask") this.told.querySelector("[data-part=ask]").href = body.ask;
  }
}
