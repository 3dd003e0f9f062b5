/** The list of conversations, newest first and live; on a phone it is a drawer. */

import { arrange, element, setText, show } from "chat/dom";
import { liveConversations } from "chat/rows";
import { words } from "chat/words";

export class Sidebar {
  #links = new Map();
  #drawn = {};

  constructor({ panel, page, conversations, empty, more, veil, toggle, close, newChat }, act) {
    Object.assign(this, { panel, page, empty, more, veil, toggle, close, act });
    this.list = conversations;
    newChat.addEventListener("click", (event) => this.#follow(event, () => act.newChat()));
    toggle.addEventListener("click", () => this.#open(true));
    close.addEventListener("click", () => this.#open(false));
    veil.addEventListener("click", () => this.#open(false));
    panel.addEventListener("keydown", (event) => event.key === "Escape" && this.#open(false));
    more.addEventListener("click", () => act.more());
    new IntersectionObserver(([entry]) => entry.isIntersecting && act.more(), { root: panel }).observe(more);
    this.narrow = matchMedia("(max-width: 800px)");
    this.narrow.addEventListener("change", () => this.#open(false));
    this.#open(false);
  }

  draw(state) {
    const { list, conversations, open } = state;
    const writing = liveConversations(state);
    const marks = [...writing].join();
    const before = this.#drawn;
    if (before.list === list && before.conversations === conversations && before.open === open && before.marks === marks) return;
    this.#drawn = { list, conversations, open, marks };
    const nodes = list.ids.map((id) => this.#link(conversations[id], id === open, writing.has(id)));
    for (const id of this.#links.keys()) if (!conversations[id]) this.#links.delete(id);
    arrange(this.list, nodes);
    show(this.empty, nodes.length === 0 && list.phase === "ready");
    show(this.more, Boolean(list.before));
  }

  #link(conversation, current, writing) {
    const node = this.#links.get(conversation.id) ?? this.#made(conversation.id);
    const link = node.firstChild;
    setText(link.firstChild, conversation.title || words.untitled());
    link.title = conversation.title || "";
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    show(link.lastChild, writing);
    return node;
  }

  #made(id) {
    const live = element("span", { class: "live-dot", hidden: true, role: "img", "aria-label": words.writing() });
    const link = element("a", { href: `/c/${id}/` }, element("span", { class: "conversation-title", dir: "auto" }), live);
    link.addEventListener("click", (event) => this.#follow(event, () => this.act.open(id)));
    const node = element("li", {}, link);
    this.#links.set(id, node);
    return node;
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
