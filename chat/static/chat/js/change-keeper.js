/**
 * Keeps in localStorage what was changed of conversations and is not confirmed, over a reload. A change is sent by the tab
 * that made it; those of a tab that is gone, by the next page that is opened. Else one that is late would undo a newer one.
 */

import { forget, names, put, readJson } from "chat/storage";

const KINDS = new Set(["update", "delete", "restore"]);

export class ChangeKeeper {
  constructor(user, tabs) {
    this.tabs = tabs;
    this.prefix = `evochat.change.${user}.`;
  }

  keep = ({ changes }, { changes: before }) => {
    if (changes === before) return;
    const written = new Set(before.map(({ set }) => set));
    for (const change of changes) if (!written.has(change.set)) this.#put(change);
    const keys = new Set(changes.map(({ key }) => key));
    for (const { key } of before) if (!keys.has(key)) forget(this.prefix + key);
  };

  /** The changes to begin with, the first one first. */
  async kept() {
    const all = names(this.prefix).map((name) => readJson(name)).filter(isChange);
    const gone = await this.tabs.gone(all.map(({ tab }) => tab));
    const ours = all.filter(({ tab }) => this.tabs.isOwn(tab) || gone.has(tab));
    for (const change of ours) this.#put(change);
    return ours.sort((a, b) => a.created - b.created);
  }

  #put({ key, conversation, kind, set, created }) {
    put(this.prefix + key, JSON.stringify({ key, conversation, kind, set, created, tab: this.tabs.name }));
  }
}

/** Whether it is one of ours: anybody may have written there. */
const isChange = (one) =>
  Boolean(one && KINDS.has(one.kind) && typeof one.key === "string" && typeof one.conversation === "string") &&
  typeof one.set === "object" && one.set !== null && Number.isFinite(one.created) && typeof one.tab === "string";
