/**
 * What tabs write down in localStorage, each thing under a name of its own and with the tab it belongs to. What a tab that is gone
 * leaves behind, one of those that are there takes over, or the next page that is opened.
 */

import { forget, names, put, readJson } from "chat/storage";

export class Belongings {
  /** `isOurs(thing)` tells what has the right shape: anybody may have written there. `nameOf(thing)`: unique below `prefix`. */
  constructor(prefix, tabs, { isOurs, nameOf }) {
    Object.assign(this, { prefix, tabs, isOurs, nameOf });
  }

  /** Write down a thing of this tab's, and tell whether it is written. */
  put(thing) {
    return put(this.prefix + this.nameOf(thing), JSON.stringify({ ...thing, tab: this.tabs.name }));
  }

  forget(name) {
    forget(this.prefix + name);
  }

  /** The thing under `name`, whosever it is, or null. */
  get(name) {
    const thing = readJson(this.prefix + name);
    return thing && this.isOurs(thing) && this.nameOf(thing) === name ? thing : null;
  }

  /** This tab's own, and those of tabs that are gone, which are its own from now on. */
  async kept() {
    const gone = await this.tabs.gone(this.#all().map(({ tab }) => tab));
    return this.#taken(this.#all().filter(({ tab }) => this.tabs.isOwn(tab) || gone.has(tab)));
  }

  /** Call `adopt(things)` with what another tab leaves behind, whenever one goes. */
  follow(adopt) {
    const wait = (tab) => this.tabs.whenGone(tab, this.prefix, () => this.#inherit(tab, adopt));
    for (const { tab } of this.#all()) wait(tab);
    addEventListener("storage", ({ key, newValue }) => {
      if (newValue && key?.startsWith(this.prefix)) wait(this.get(key.slice(this.prefix.length))?.tab);
    });
  }

  #inherit(tab, adopt) {
    const left = this.#all().filter((thing) => thing.tab === tab);
    if (left.length) adopt(this.#taken(left));
  }

  #taken(things) {
    for (const thing of things) this.put(thing);
    return things.map((thing) => ({ ...thing, tab: this.tabs.name }));
  }

  #all() {
    return names(this.prefix).map((name) => this.get(name.slice(this.prefix.length))).filter(Boolean);
  }
}
