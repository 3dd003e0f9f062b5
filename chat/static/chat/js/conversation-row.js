/** One conversation of the list: a link with its title, tags and marks, and the menu of what can be done with it. */

import { arrange, element, setText, show } from "chat/dom";
import { icon } from "chat/icons";
import { menuButton } from "chat/popup-menu";
import { RenameField } from "chat/rename-field";
import { words } from "chat/words";

let made = 0;

export class ConversationRow {
  #field = null;
  #tags = "";

  /** `open()` is called on a plain click; `options`: the menu to use and the `items()` in it; none for what is not there yet. */
  constructor({ href, follow, options }) {
    this.live = mark("live-dot", words.writing());
    this.refused = mark("refused-mark", words.somethingNotSent(), icon("warning"));
    this.title = element("span", { class: "conversation-title", dir: "auto" });
    this.tags = element("span", { class: "row-tags", hidden: true });
    const text = element("span", { class: "row-text" }, this.title, this.tags);
    this.link = element("a", { href }, text, this.refused, this.live);
    this.link.addEventListener("click", follow);
    this.node = element("li", { class: "row" }, this.link);
    if (options) this.node.append(this.#menu(options));
  }

  #menu({ menu, items }) {
    made += 1;
    this.title.id = `title-${made}`;
    this.button = menuButton(menu, {
      icon: "dots", label: words.list.options(), items, class: "icon-button row-menu", "aria-describedby": this.title.id,
    });
    return this.button;
  }

  update({ title, about, tags = [], current, writing, refused }) {
    setText(this.title, title);
    this.link.title = about;
    if (current) this.link.setAttribute("aria-current", "page");
    else this.link.removeAttribute("aria-current");
    show(this.live, writing);
    show(this.refused, refused);
    this.#showTags(tags);
    return this.node;
  }

  #showTags(tags) {
    const key = JSON.stringify(tags);
    if (key === this.#tags) return;
    this.#tags = key;
    show(this.tags, tags.length > 0);
    arrange(this.tags, tags.map((text) => element("span", { class: "tag", text, dir: "auto" })));
  }

  /** Write the title in its place; `save(title)` if it was changed. */
  rename(title, save) {
    if (this.#field) return;
    this.#field = new RenameField(title, { save, done: (byKey) => this.#renamed(byKey) });
    this.node.classList.add("renaming");
    this.node.append(this.#field.node);
    this.#field.focus();
  }

  #renamed(byKey) {
    const { node } = this.#field;
    this.#field = null;
    this.node.classList.remove("renaming");
    if (byKey) this.link.focus();
    node.remove();
  }
}

const mark = (name, label, ...children) =>
  element("span", { class: name, hidden: true, role: "img", "aria-label": label }, ...children);
