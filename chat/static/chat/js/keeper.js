/**
 * Keeps in localStorage what is not acknowledged, each item under a key of its own, so that two tabs never
 * overwrite each other's. Without storage (full, forbidden) nothing is kept, and `unkept` says so.
 *
 * An item belongs to the tab that made it. What a closed tab has left is taken over by one that is there.
 */

import { forget, names, put, readJson } from "chat/storage";

const KINDS = new Set(["send", "create", "continue"]);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class Keeper {
  #unkept = new Set();

  constructor(user, tabs) {
    this.tabs = tabs;
    this.items = `evochat.unsent.${user}.`;
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

  /** `{items, stops}` to begin with: this tab's own, and those of tabs that are gone. */
  async kept() {
    const gone = await this.tabs.gone(this.#all().map((item) => item.tab));
    const items = this.#all().filter(({ tab }) => this.tabs.isOwn(tab) || gone.has(tab));
    const stops = names(this.stops).map((name) => name.slice(this.stops.length));
    return { items: this.#owned(items), stops: stops.filter((id) => UUID.test(id)) };
  }

  /** Call `adopt({items})` with what other tabs leave behind, whenever one of them goes. */
  follow(adopt) {
    const wait = (tab) => this.tabs.whenGone(tab, () => this.#inherit(tab, adopt));
    for (const { tab } of this.#all()) wait(tab);
    addEventListener("storage", ({ key, newValue }) => {
      if (newValue && key?.startsWith(this.items)) wait(this.#read(key)?.tab);
    });
  }

  #inherit(tab, adopt) {
    const left = this.#all().filter((item) => item.tab === tab);
    if (left.length) adopt({ items: this.#owned(left) });
  }

  #owned(items) {
    const owned = items.map((item) => ({ ...item, tab: this.tabs.name }));
    for (const item of owned) this.#put(item);
    return owned.sort((a, b) => a.created - b.created);
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
    const kept = put(this.items + item.key, JSON.stringify({ ...item, tab: this.tabs.name }));
    if (kept) this.#unkept.delete(item.key);
    else this.#unkept.add(item.key);
  }

  #drop(key) {
    this.#unkept.delete(key);
    forget(this.items + key);
  }

  #all() {
    return names(this.items).map((name) => this.#read(name)).filter(Boolean);
  }

  /** The item under `name`, or null if it is none: anybody may have written there. */
  #read(name) {
    const item = readJson(name);
    return isItem(item) && name === this.items + item.key ? item : null;
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
