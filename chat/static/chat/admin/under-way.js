/** Keeps the list of what is under way up to date, while it is seen and nobody has paused it. */

import { backoffMs } from "chat/backoff";
import { Rows } from "admin/under-way-rows";

const EVERY_MS = 3000;

/** What an answer of the server means: what to tell ("" for nothing), and whether to ask again. Pure. */
export function readLook(status, body) {
  if (status === 200 && body) return { told: "", again: true };
  if (body?.unrecorded) return { told: "unrecorded", again: true };
  // 0: a redirect to sign in.
  return [0, 401, 403, 404].includes(status) ? { told: "refused", again: false } : { told: "lost", again: true };
}

/** How long to wait after `failures` looks in a row that showed nothing. Pure. */
export const lookAgainMs = (failures, random) => EVERY_MS + (failures ? backoffMs(failures - 1, random) : 0);

class UnderWay {
  #failures = 0;
  #timer = null;
  #isAsking = false;
  #isPaused = false;
  #isOver = false;

  constructor(page) {
    this.page = page;
    const part = (name) => page.querySelector(`[data-part=${name}]`);
    Object.assign(this, { howMany: part("how-many"), at: part("at"), pause: part("pause"), told: part("told") });
    Object.assign(this, { seen: part("seen"), cut: part("cut"), none: part("none") });
    this.rows = new Rows(page.querySelector(".under-way"));
  }

  start() {
    this.pause.hidden = false;
    this.pause.addEventListener("click", () => this.#setPaused(!this.#isPaused));
    document.addEventListener("visibilitychange", () => this.#lookSoon(0));
    this.#lookSoon(EVERY_MS);
  }

  #setPaused(isPaused) {
    this.#isPaused = isPaused;
    this.pause.setAttribute("aria-pressed", String(isPaused));
    this.#tell(isPaused ? "paused" : "");
    this.#lookSoon(0);
  }

  #lookSoon(wait) {
    clearTimeout(this.#timer);
    if (document.hidden || this.#isPaused || this.#isOver || this.#isAsking) return;
    this.#timer = setTimeout(() => this.#look(), wait);
  }

  async #look() {
    this.#isAsking = true;
    const { status, body } = await this.#ask();
    this.#isAsking = false;
    // What was asked before it was paused would belie what is told.
    if (this.#isPaused) return;
    const { told, again } = readLook(status, body);
    this.#failures = told ? this.#failures + 1 : 0;
    this.#isOver = !again;
    if (!told) this.#show(body);
    this.#tell(told);
    this.#lookSoon(lookAgainMs(this.#failures));
  }

  async #ask() {
    const sent = new FormData(this.page.querySelector("form"));
    sent.set("seen", this.seen.value);
    try {
      const answer = await fetch(this.page.dataset.underWay, { method: "POST", body: sent, redirect: "manual" });
      return { status: answer.status, body: await answer.json().catch(() => null) };
    } catch {
      return { status: 503, body: null };
    }
  }

  #show(look) {
    this.seen.value = look.seen;
    this.rows.show(look.rows);
    this.at.textContent = look.at;
    this.cut.hidden = !look.is_cut;
    this.none.hidden = !this.rows.isEmpty;
    // Said again it would be read out again.
    if (this.howMany.textContent !== look.how_many) this.howMany.textContent = look.how_many;
  }

  #tell(told) {
    for (const words of this.told.children) {
      const isHidden = words.dataset.told !== told;
      if (words.hidden === isHidden) continue;
      words.querySelector("time").textContent = this.at.textContent;
      words.hidden = isHidden;
    }
  }
}

const page = globalThis.document?.querySelector("[data-under-way]");
if (page) new UnderWay(page).start();
