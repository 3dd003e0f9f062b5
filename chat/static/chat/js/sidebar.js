/** What is at the side: search, the list and its filters; on a phone it is a drawer. */

import { show } from "chat/dom";
import { ConversationList } from "chat/conversation-list";
import { ListFilters } from "chat/list-filters";
import { SearchView } from "chat/search-view";

export class Sidebar {
  constructor(parts, act) {
    const { panel, page, veil, toggle, close, newChat, nav, archive } = parts;
    Object.assign(this, { panel, page, veil, toggle, close, nav, archive, act });
    const follow = (event, action) => this.#follow(event, action);
    this.list = new ConversationList(parts, act, follow);
    this.filters = new ListFilters(parts, act);
    this.search = new SearchView(parts, act, { chosen: (hit) => this.#chosen(hit), reveal: () => this.#open(true) });
    newChat.addEventListener("click", (event) => follow(event, () => act.newChat()));
    toggle.addEventListener("click", () => this.#open(true));
    close.addEventListener("click", () => this.#open(false));
    veil.addEventListener("click", () => this.#open(false));
    panel.addEventListener("keydown", (event) => event.key === "Escape" && this.#open(false));
    this.narrow = matchMedia("(max-width: 800px)");
    this.narrow.addEventListener("change", () => this.#open(false));
    this.#open(false);
  }

  draw(state) {
    const isSearching = Boolean(state.search?.text.trim());
    this.list.draw(state);
    this.filters.draw(state);
    this.search.draw(state);
    show(this.nav, !isSearching);
    show(this.archive, !isSearching && !state.list.archived);
  }

  #chosen({ conversation, message }) {
    this.#open(false);
    if (message) this.act.jump(conversation, message);
    else this.act.open(conversation);
  }

  /** A plain click stays on the page; with a modifier the browser opens a tab as for any link. */
  #follow(event, action) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    this.#open(false);
    action();
  }

  #open(wanted) {
    const drawer = this.narrow.matches;
    const wasOpen = document.body.classList.contains("drawer-open");
    document.body.classList.toggle("drawer-open", drawer && wanted);
    this.veil.hidden = !(drawer && wanted);
    this.panel.inert = drawer && !wanted;
    this.page.inert = drawer && wanted;
    this.toggle.setAttribute("aria-expanded", String(drawer && wanted));
    if (drawer && wanted) this.close.focus();
    else if (drawer && wasOpen) this.toggle.focus();
  }
}
