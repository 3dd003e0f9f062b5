/** The list of conversations by date, live; each with its menu. */

import { arrange, element, setText, show } from "chat/dom";
import { icon } from "chat/icons";
import { itemsOf } from "chat/conversation-menu";
import { ConversationRow } from "chat/conversation-row";
import { groups, untilTomorrow } from "chat/list-groups";
import { tagsOf } from "chat/listing";
import { placeOf } from "chat/place";
import { PopupMenu } from "chat/popup-menu";
import { liveConversations, refusing, unborn } from "chat/rows";
import { TagsDialog } from "chat/tags-dialog";
import { words } from "chat/words";

export class ConversationList {
  #rows = new Map();
  #groups = new Map();
  #drawn = {};
  #state = null;
  #focusNext = null;

  /** `follow(event, action)`: what a click on a link does. */
  constructor({ panel, nav, conversations, empty, more, listSkeleton }, act, follow) {
    Object.assign(this, { nav, list: conversations, empty, more, skeleton: listSkeleton, act, follow });
    this.menu = new PopupMenu(panel);
    this.tags = new TagsDialog(document.body);
    more.addEventListener("click", () => act.more());
    new IntersectionObserver(([entry]) => entry.isIntersecting && act.more(), { root: nav }).observe(more);
    this.#waitForTomorrow();
  }

  draw(state) {
    const { list, conversations, outbox, live } = state;
    const day = new Date().toDateString();
    const now = { list, conversations, outbox, marks: [...liveConversations(state)].join(), place: placeOf(state), day };
    const isSame = Object.keys(now).every((key) => now[key] === this.#drawn[key]);
    this.#state = state;
    if (isSame) return;
    if (this.#drawn.list && (list.archived !== this.#drawn.list.archived || list.tag !== this.#drawn.list.tag)) this.nav.scrollTop = 0;
    this.#drawn = now;
    const focused = document.activeElement;
    const count = this.#drawGroups(state);
    if (focused !== document.activeElement && this.list.contains(focused)) focused.focus({ preventScroll: true });
    this.#focusNeighbour();
    if (this.menu.button && !this.menu.button.isConnected) this.menu.close(false);
    this.#drawEnds(list, count);
  }

  #drawGroups(state) {
    const { list, conversations } = state;
    const isWhole = !list.archived && list.tag === null;
    const waiting = isWhole ? unborn(state) : [];
    const found = groups(list.ids, conversations, Date.now());
    // What was not sent yet is of today.
    if (waiting.length && !found.some(({ key }) => key === "today")) {
      found.splice(found[0]?.key === "pinned" ? 1 : 0, 0, { key: "today", ids: [] });
    }
    const marks = { place: placeOf(state), writing: liveConversations(state), refused: refusing(state) };
    const nodes = found.map(({ key, ids }) => {
      const rows = ids.map((id) => this.#row(conversations[id], marks));
      return this.#group(key, key === "today" ? [...waiting.map((one) => this.#unsent(one, marks)), ...rows] : rows);
    });
    const known = new Set([...waiting.map(({ place }) => place), ...Object.keys(conversations)]);
    for (const id of this.#rows.keys()) if (!known.has(id)) this.#rows.delete(id);
    arrange(this.list, nodes);
    return list.ids.length + waiting.length;
  }

  #group(key, rows) {
    const made = this.#groups.get(key) ?? this.#newGroup(key);
    setText(made.heading, words.list.group(key));
    arrange(made.rows, rows);
    return made.node;
  }

  #newGroup(key) {
    const heading = element("h2", { id: `group-${key}`, class: "group-heading" });
    const rows = element("ul", { "aria-labelledby": heading.id });
    const made = { heading, rows, node: element("section", { class: "group" }, heading, rows) };
    this.#groups.set(key, made);
    return made;
  }

  #row(conversation, { place, writing, refused }) {
    const { id, title, tags } = conversation;
    const row = this.#rows.get(id) ?? this.#made(id, {
      href: `/c/${id}/`,
      follow: (event) => this.follow(event, () => this.act.open(id)),
      options: { menu: this.menu, items: () => this.#items(id) },
    });
    return row.update({
      title: title || words.untitled(), about: title || "", tags, current: id === place,
      writing: writing.has(id), refused: refused.has(id),
    });
  }

  /** A conversation that will be there when its first message has been sent. */
  #unsent({ place: id, title, refused }, { place }) {
    const row = this.#rows.get(id) ?? this.#made(id, {
      href: "/", follow: (event) => this.follow(event, () => this.act.unborn(id)),
    });
    row.node.classList.add("unborn");
    return row.update({ title, about: words.unsentTitle(title), current: id === place, writing: false, refused });
  }

  #made(id, options) {
    const row = new ConversationRow(options);
    this.#rows.set(id, row);
    return row;
  }

  #items(id) {
    const conversation = this.#state.conversations[id];
    return itemsOf(conversation, {
      rename: () => this.#rows.get(id)?.rename(conversation.title, (title) => this.act.change(id, { title })),
      change: (set) => this.#leaving(id, "archived" in set, () => this.act.change(id, set)),
      tags: () => this.tags.open(conversation, tagsOf(this.#state), (tags) => this.act.change(id, { tags })),
      remove: () => this.#leaving(id, true, () => this.act.remove(id)),
    });
  }

  /** The focus of what leaves the list goes to what takes its place. */
  #leaving(id, isLeaving, action) {
    const { ids } = this.#state.list;
    const at = ids.indexOf(id);
    if (isLeaving) this.#focusNext = ids[at + 1] ?? ids[at - 1] ?? null;
    action();
  }

  #focusNeighbour() {
    const row = this.#rows.get(this.#focusNext);
    this.#focusNext = null;
    if (row && document.activeElement === document.body) row.link.focus({ preventScroll: true });
  }

  #drawEnds(list, count) {
    const isLoading = !list.loaded && count === 0;
    show(this.skeleton, isLoading);
    this.nav.setAttribute("aria-busy", String(isLoading));
    show(this.more, Boolean(list.before));
    show(this.empty, count === 0 && !isLoading);
    if (this.empty.hidden) return;
    const [kind, name] = list.tag !== null ? ["tag", "tag"] : list.archived ? ["archived", "archive"] : ["none", "compose"];
    const { title, text } = words.list.empty(kind, list.tag);
    const key = `${kind} ${list.tag}`;
    if (this.empty.dataset.kind === key) return;
    this.empty.dataset.kind = key;
    this.empty.replaceChildren(icon(name), element("strong", { text: title }), element("span", { text }));
  }

  #waitForTomorrow() {
    setTimeout(() => {
      this.act.redraw();
      this.#waitForTomorrow();
    }, untilTomorrow(Date.now()) + 1000);
  }
}
