/** What of the conversations the list shows: the archived ones, or those with a tag. */

import { arrange, button, element, show } from "chat/dom";
import { tagsOf } from "chat/listing";
import { words } from "chat/words";

export class ListFilters {
  #drawn = null;

  constructor({ filters, archive }, act) {
    Object.assign(this, { node: filters, act });
    this.chips = element("div", { class: "tag-chips", role: "group", "aria-label": words.list.filterByTag() });
    const back = button("left", words.list.back(), () => this.#show({}));
    this.heading = element("div", { class: "archive-heading" }, back, element("strong", { text: words.list.archived() }));
    filters.append(this.heading, this.chips);
    archive.addEventListener("click", () => this.#show({ archived: true }));
  }

  #show(filter) {
    this.act.filter(filter);
  }

  draw(state) {
    const { archived, tag } = state.list;
    const names = archived ? [] : tagsOf(state);
    const shown = tag === null || names.includes(tag) ? names : [...names, tag];
    const key = JSON.stringify([archived, tag, shown]);
    if (key === this.#drawn) return;
    this.#drawn = key;
    show(this.heading, archived);
    show(this.chips, shown.length > 0);
    show(this.node, archived || shown.length > 0);
    const focused = document.activeElement?.dataset?.tag;
    arrange(this.chips, shown.map((name) => this.#chip(name, name === tag)));
    if (focused) [...this.chips.children].find(({ dataset }) => dataset.tag === focused)?.focus({ preventScroll: true });
  }

  #chip(name, isShown) {
    const node = element("button", { type: "button", class: "tag-chip", "aria-pressed": String(isShown), "data-tag": name, text: name, dir: "auto" });
    node.addEventListener("click", () => this.#show(isShown ? {} : { tag: name }));
    return node;
  }
}
