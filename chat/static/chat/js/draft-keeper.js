/**
 * Keeps what is written and not sent: in sessionStorage what this tab holds, over its reloads; in
 * localStorage the latest of all tabs, for the next one. At most `MOST` of them, the latest.
 */

import { DRAFTS, draftsByAge, forget, names, put, readJson } from "chat/storage";

const MOST = 20;
const session = () => sessionStorage;
const local = () => localStorage;

export class DraftKeeper {
  #unkept = new Set();

  constructor(user) {
    this.prefix = `${DRAFTS}${user}.`;
  }

  /** Whether something written is in this page alone. */
  get unkept() {
    return this.#unkept.size > 0;
  }

  keep = ({ drafts }, { drafts: before }, { at }) => {
    if (drafts === before) return;
    for (const name of new Set([...Object.keys(drafts), ...Object.keys(before)])) {
      if (drafts[name] !== before[name]) this.#write(name, drafts[name], before[name], at);
    }
  };

  /** The drafts to begin with, by conversation. What this tab has sent or deleted stays so. */
  kept() {
    const drafts = {};
    for (const storage of [local, session]) {
      for (const name of names(this.prefix, storage)) {
        const text = readJson(name, storage)?.text;
        if (typeof text === "string") drafts[name.slice(this.prefix.length)] = text;
      }
    }
    const written = Object.entries(drafts).filter(([, text]) => text);
    // From now on they are this tab's as well, whatever becomes of them in another.
    for (const [name, text] of written) put(this.prefix + name, JSON.stringify({ text, at: Date.now() }), session);
    return Object.fromEntries(written);
  }

  /** Call `emptied({name, text})` when another tab has sent or deleted a text. */
  follow(emptied) {
    addEventListener("storage", ({ key, oldValue, newValue, storageArea }) => {
      if (newValue !== null || storageArea !== localStorage || !key?.startsWith(this.prefix)) return;
      const text = parsed(oldValue)?.text;
      if (typeof text === "string") emptied({ name: key.slice(this.prefix.length), text });
    });
  }

  #write(name, text, before, at) {
    const key = this.prefix + name;
    const json = JSON.stringify({ text: text ?? "", at });
    const kept = [put(key, json, session), text ? put(key, json) : this.#forget(key, before)];
    if (text && !kept.includes(true)) this.#unkept.add(name);
    else this.#unkept.delete(name);
    if (before === undefined) for (const storage of [local, session]) thin(storage);
  }

  /** What another tab has written since is not ours to forget. */
  #forget(key, before) {
    if (readJson(key)?.text === before) forget(key);
  }
}

function thin(storage) {
  for (const name of draftsByAge(storage).slice(0, -MOST)) forget(name, storage);
}

function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
