/**
 * Keeps in localStorage what is not acknowledged, each item under a key of its own, so that two tabs never
 * overwrite each other's. Without storage (full, forbidden) nothing is kept, and `unkept` says so.
 */

import { Belongings } from "chat/belongings";
import { forget, names, put } from "chat/storage";

const KINDS = new Set(["send", "create", "continue"]);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class Keeper {
  #unkept = new Set();

  constructor(user, tabs) {
    this.items = new Belongings(`evochat.unsent.${user}.`, tabs, { isOurs: isItem, nameOf: ({ key }) => key });
    this.stops = `evochat.stop.${user}.`;
  }

  /** Whether something unsent is in this page alone. */
  get unkept() {
    return this.#unkept.size > 0;
  }

  /** Write down what has changed from `before` to `state`. */
  keep = (state, before) => {
    if (state.outbox !== before.outbox) this.#keepItems(state.outbox, before.outbox);
    if (state.stops !== before.stops) this.#keepStops(state.stops, before.stops);
  };

  /** `{items, stops}` to begin with. */
  async kept() {
    const stops = names(this.stops).map((name) => name.slice(this.stops.length));
    return { items: await this.items.kept(), stops: stops.filter((id) => UUID.test(id)) };
  }

  /** Call `adopt({items})` with what other tabs leave behind. */
  follow(adopt) {
    this.items.follow((items) => adopt({ items }));
  }

  #keepItems(items, before) {
    const waiting = new Set();
    const written = new Set(before);
    for (const item of items) {
      if (item.accepted) continue;
      waiting.add(item.key);
      if (!written.has(item)) this.#put(item);
    }
    for (const { key } of before) if (!waiting.has(key)) this.#drop(key);
  }

  #keepStops(stops, before) {
    for (const id of Object.keys(stops)) if (!before[id]) put(this.stops + id, "1");
    for (const id of Object.keys(before)) if (!stops[id]) forget(this.stops + id);
  }

  #put(item) {
    if (this.items.put(item)) this.#unkept.delete(item.key);
    else this.#unkept.add(item.key);
  }

  #drop(key) {
    this.#unkept.delete(key);
    this.items.forget(key);
  }
}

function isItem(item) {
  if (!item || !KINDS.has(item.kind) || !UUID.test(item.key) || !Number.isFinite(item.created)) return false;
  if (!optional(item.params, (params) => typeof params === "object")) return false;
  if (typeof item.place !== "string" || !optional(item.model, (model) => typeof model === "string")) return false;
  if (!optional(item.conversation, (id) => UUID.test(id)) || !optional(item.parent, (id) => UUID.test(id))) return false;
  if (!optional(item.refusal, ({ code }) => typeof code === "string")) return false;
  if (item.kind === "send") return typeof item.content === "string" && item.content.trim() !== "";
  return item.kind === "continue" || UUID.test(item.message);
}

const optional = (value, holds) => value === null || value === undefined || holds(value);
