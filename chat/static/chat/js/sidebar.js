/** The list of conversations, newest first and live; on a phone it is a drawer. */

import { arrange, element, setText, show } from "chat/dom";
import { icon } from "chat/icons";
import { liveConversations, refusing, unborn } from "chat/rows";
import { placeOf } from "chat/state";
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
    const { list, conversations, outbox } = state;
    const open = placeOf(state);
    const writing = liveConversations(state);
    const marks = [...writing].join();
    const before = this.#drawn;
    if (
      before.list === list && before.conversations === conversations && before.open === open &&
      before.marks === marks && before.outbox === outbox
    ) return;
    this.#drawn = { list, conversations, open, marks, outbox };
    const waiting = unborn(state);
    const refused = refusing(state);
    const unsent = waiting.map((one) => this.#unsent(one, one.place === open));
    const nodes = list.ids.map((id) => this.#link(conversations[id], id === open, writing.has(id), refused.has(id)));
    const known = new Set([...waiting.map((one) => one.place), ...Object.keys(conversations)]);
    for (const id of this.#links.keys()) if (!known.has(id)) this.#links.delete(id);
    nodes.unshift(...unsent);
    arrange(this.list, nodes);
    show(this.empty, nodes.length === 0 && list.phase === "ready");
    show(this.more, Boolean(list.before));
  }

  #link(conversation, current, writing, refused) {
    const { id, title } = conversation;
    const node = this.#links.get(id) ?? this.#made(id, `/c/${id}/`, () => this.act.open(id));
    return this.#update(node, { title: title || words.untitled(), about: title || "", current, writing, refused });
  }

  /** A conversation that will be there when its first message has been sent. */
  #unsent({ place, title, refused }, current) {
    const node = this.#links.get(place) ?? this.#made(place, "/", () => this.act.unborn(place));
    node.classList.add("unborn");
    return this.#update(node, { title, about: words.unsentTitle(title), current, writing: false, refused });
  }

  #update(node, { title, about, current, writing, refused }) {
    const link = node.firstChild;
    setText(link.firstChild, title);
    link.title = about;
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    show(link.querySelector(".live-dot"), writing);
    show(link.querySelector(".refused-mark"), refused);
    return node;
  }

  #made(id, href, open) {
    const live = element("span", { class: "live-dot", hidden: true, role: "img", "aria-label": words.writing() });
    const refused = element("span", { class: "refused-mark", hidden: true, role: "img", "aria-label": words.somethingNotSent() }, icon("warning"));
    const link = element("a", { href }, element("span", { class: "conversation-title", dir: "auto" }), refused, live);
    link.addEventListener("click", (event) => this.#follow(event, open));
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
