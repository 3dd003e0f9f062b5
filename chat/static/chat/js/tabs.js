/**
 * Which tab this is, and which of the others are gone. A tab holds a lock under its name for as long as it
 * lives; the name is in sessionStorage and so the same after a reload. Where there are no locks (plain
 * HTTP on another host), nothing is known of others and all of them count as gone.
 */

import { recall, remember } from "chat/storage";
import { uuid } from "chat/uuid";

const NAME = ["tab", () => sessionStorage];
// A page that loads again lets go of its name for a moment; a copy of a tab never gets the original's.
const RELOAD_MS = 500;
const GONE_AFTER_MS = 3000;
const lockOf = (name) => `evochat.tab.${name}`;

export class Tabs {
  #awaited = new Set();

  /** Take this tab's name, or a new one if another tab holds it. */
  static async open() {
    const tabs = new Tabs();
    const known = recall(...NAME);
    tabs.name = known && (await hold(known)) ? known : uuid();
    if (tabs.name !== known) await hold(tabs.name);
    remember(NAME[0], tabs.name, NAME[1]);
    return tabs;
  }

  isOwn(name) {
    return name === this.name;
  }

  /** Those of `others` that no page holds. */
  async gone(others) {
    const held = new Set((await navigator.locks?.query())?.held.map(({ name }) => name));
    return new Set(others.filter((name) => !this.isOwn(name) && !held.has(lockOf(name))));
  }

  /** Call `then` once the tab `name` is gone, and in one tab at a time; once for each `purpose`. */
  async whenGone(name, purpose, then) {
    const awaited = `${purpose} ${name}`;
    if (!navigator.locks || typeof name !== "string" || this.isOwn(name) || this.#awaited.has(awaited)) return;
    this.#awaited.add(awaited);
    let over = false;
    while (!over) {
      await navigator.locks.request(lockOf(name), () => {});
      await new Promise((resolve) => setTimeout(resolve, GONE_AFTER_MS));
      over = await navigator.locks.request(lockOf(name), { ifAvailable: true }, (lock) => {
        if (lock) then();
        return lock !== null;
      });
    }
    this.#awaited.delete(awaited);
  }
}

/** Hold the lock for as long as the page lives; false if another page keeps it. */
function hold(name) {
  if (!navigator.locks) return true;
  return new Promise((resolve) => {
    const held = () => {
      resolve(true);
      return new Promise(() => {});
    };
    navigator.locks.request(lockOf(name), { signal: AbortSignal.timeout(RELOAD_MS) }, held).catch(() => resolve(false));
  });
}
