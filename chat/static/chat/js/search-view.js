/**
 * The search field and what it found, in place of the list: a combobox whose list is always open.
 * Arrows choose, Enter opens, Escape leaves; Ctrl+K (Cmd+K) comes here from anywhere.
 */

import { arrange, element, setText, show } from "chat/dom";
import { keyOf } from "chat/keys";
import { hitsOf } from "chat/searching";
import { pieces } from "chat/snippet";
import { words } from "chat/words";

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

export class SearchView {
  #options = new Map();
  #keys = [];
  #active = null;
  #drawn = {};

  /** `shown(isSearching)` when the list gives way or comes back; `chosen(hit)` for the one that is opened. */
  constructor({ query, leaveSearch, shortcut, found, foundNote, hits, moreHits }, act, { chosen, reveal }) {
    Object.assign(this, { query, leave: leaveSearch, shortcut, found, note: foundNote, list: hits, more: moreHits, act, chosen });
    setText(shortcut, isMac ? "⌘K" : "Ctrl K");
    query.addEventListener("input", () => act.search(query.value));
    query.addEventListener("keydown", (event) => this.#key(event));
    leaveSearch.addEventListener("click", () => this.#leaveNow());
    found.addEventListener("keydown", (event) => this.#escape(event));
    moreHits.addEventListener("click", () => act.searchMore());
    new IntersectionObserver(([entry]) => entry.isIntersecting && act.searchMore(), { root: found }).observe(moreHits);
    document.addEventListener("keydown", (event) => {
      if (!isShortcut(event) || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      reveal();
      query.focus();
      query.select();
    });
  }

  draw(state) {
    const { search, deleted } = state;
    if (search === this.#drawn.search && deleted === this.#drawn.deleted) return;
    this.#drawn = { search, deleted };
    const isSearching = Boolean(search?.text.trim());
    show(this.found, isSearching);
    show(this.leave, Boolean(search?.text));
    show(this.shortcut, !search?.text);
    this.query.setAttribute("aria-expanded", String(isSearching));
    if (this.query.value !== (search?.text ?? "")) this.query.value = search?.text ?? "";
    const hits = hitsOf(state);
    setText(this.note, isSearching ? words.search.note(search, hits.length) : "");
    show(this.list, hits.length > 0);
    show(this.more, isSearching && Boolean(search.before));
    this.#drawHits(hits, state.conversations);
  }

  #drawHits(hits, conversations) {
    const keys = hits.map(({ key }) => key);
    if (keys.join() === this.#keys.join() && hits.every((hit) => this.#kept(hit))) return;
    this.#keys = keys;
    this.#options = new Map(hits.map((hit) => [hit.key, this.#kept(hit) ?? { hit, node: this.#option(hit, conversations) }]));
    arrange(this.list, [...this.#options.values()].map(({ node }) => node));
    // Enter opens the best one.
    this.#activate(keys.includes(this.#active) ? this.#active : (keys[0] ?? null), false);
  }

  #kept(hit) {
    const known = this.#options.get(hit.key);
    return known && JSON.stringify(known.hit) === JSON.stringify(hit) ? known : null;
  }

  #option(hit, conversations) {
    const { key, message, role, snippet, matches, created_at } = hit;
    const title = conversations[hit.conversation]?.title || hit.title || words.untitled();
    const marked = (name) =>
      element("span", { class: name, dir: "auto" }, ...pieces(snippet, matches).map(({ text, match }) => element(match ? "mark" : "span", { text })));
    const when = element("span", { class: "hit-when", text: words.search.place(role, created_at) });
    const lines = message ? [element("span", { class: "hit-title", text: title, dir: "auto" }), marked("hit-text"), when] : [marked("hit-title"), when];
    const node = element("div", { id: `hit-${key}`, class: "hit", role: "option", "aria-selected": "false" }, ...lines);
    // The field keeps the focus.
    node.addEventListener("pointerdown", (event) => event.pointerType === "mouse" && event.preventDefault());
    node.addEventListener("click", () => this.#choose(key));
    return node;
  }

  #choose(key) {
    const chosen = this.#options.get(key);
    if (!chosen) return;
    this.#activate(key);
    this.chosen(chosen.hit);
  }

  #activate(key, isScrolled = true) {
    this.#options.get(this.#active)?.node.setAttribute("aria-selected", "false");
    this.#active = key;
    const node = this.#options.get(key)?.node;
    if (!node) return this.query.removeAttribute("aria-activedescendant");
    node.setAttribute("aria-selected", "true");
    this.query.setAttribute("aria-activedescendant", node.id);
    if (isScrolled) node.scrollIntoView({ block: "nearest" });
    if (this.#keys.indexOf(key) > this.#keys.length - 3) this.act.searchMore();
  }

  #key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (this.#escape(event)) return;
    const at = this.#keys.indexOf(this.#active);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.#keys.length) {
      event.preventDefault();
      this.#activate(this.#keys.at((at + step) % this.#keys.length));
    }
    if (event.key === "Enter") {
      event.preventDefault();
      this.#choose(this.#active);
    }
  }

  #escape(event) {
    if (event.key !== "Escape" || !this.query.value) return false;
    event.preventDefault();
    // The drawer stays open.
    event.stopPropagation();
    this.#leaveNow();
    return true;
  }

  #leaveNow() {
    this.query.value = "";
    this.act.searchLeave();
    this.query.focus();
  }
}

const isShortcut = (event) => {
  const { ctrlKey, metaKey, altKey, shiftKey } = event;
  return keyOf(event) === "k" && (isMac ? metaKey && !ctrlKey : ctrlKey && !metaKey) && !altKey && !shiftKey;
};
