/** The tags of a conversation: those in use are switched on and off, new ones are written. */

import { button, element, setText, show } from "chat/dom";
import { addedTag, sameTag } from "chat/tags";
import { words } from "chat/words";

const NAME_CHARS = 40;
const TAGS_MAX = 20;

export class TagsDialog {
  #known = [];
  #chosen = [];
  #save = null;

  constructor(host) {
    this.heading = element("h2", { id: "tags-heading", dir: "auto" });
    this.choices = element("div", { class: "tag-choices", role: "group", "aria-labelledby": "tags-heading" });
    this.hint = element("p", { class: "quiet", text: words.list.tagsHint() });
    this.name = element("input", {
      type: "text", id: "tag-name", class: "tag-field", maxlength: NAME_CHARS, autocomplete: "off", enterkeyhint: "done", dir: "auto",
    });
    this.problem = element("p", { class: "quiet", role: "status" });
    const label = element("label", { for: "tag-name", text: words.list.newTag() });
    const add = button(null, words.list.addTag(), () => this.#add(), { shown: true });
    const actions = element("div", { class: "dialog-actions" },
      button(null, words.cancel(), () => this.node.close(), { shown: true }),
      button(null, words.list.saveTags(), () => this.#done(), { shown: true, class: "button primary" }));
    const body = element("div", { class: "dialog-body" },
      this.heading, this.hint, this.choices, label, element("div", { class: "tag-new" }, this.name, add), this.problem, actions);
    this.node = element("dialog", { class: "dialog", "aria-labelledby": "tags-heading" }, body);
    this.name.addEventListener("keydown", (event) => this.#key(event));
    // What is not its body is what lies behind it.
    this.node.addEventListener("click", ({ target }) => target === this.node && this.node.close());
    // It is in the page while it is open.
    this.node.addEventListener("close", () => this.node.remove());
    this.host = host;
  }

  /** Show the tags of `conversation` among the `known` names; `save(tags)` if they were changed. */
  open({ title, tags = [] }, known, save) {
    this.#known = [...known];
    this.#chosen = [...tags];
    this.before = JSON.stringify(tags);
    this.#save = save;
    this.name.value = "";
    setText(this.heading, words.list.tagsOf(title || words.untitled()));
    this.#draw();
    this.host.append(this.node);
    this.node.showModal();
    // On a phone the keyboard would cover what there is to choose from.
    if (!matchMedia("(pointer: coarse)").matches) this.name.focus();
  }

  #draw() {
    const names = [...this.#known, ...this.#chosen.filter((one) => !this.#known.some((name) => sameTag(name, one)))];
    show(this.hint, names.length === 0);
    setText(this.problem, this.#chosen.length >= TAGS_MAX ? words.list.tagsFull(TAGS_MAX) : "");
    const focused = document.activeElement?.dataset?.tag;
    this.choices.replaceChildren(...names.map((name) => this.#choice(name)));
    if (focused) [...this.choices.children].find(({ dataset }) => dataset.tag === focused)?.focus();
  }

  #choice(name) {
    const isChosen = this.#chosen.some((one) => sameTag(one, name));
    const node = element("button", { type: "button", class: "tag-chip", "aria-pressed": String(isChosen), "data-tag": name, text: name, dir: "auto" });
    node.addEventListener("click", () => this.#toggle(name, isChosen));
    return node;
  }

  #toggle(name, isChosen) {
    if (isChosen) this.#chosen = this.#chosen.filter((one) => !sameTag(one, name));
    else if (this.#chosen.length < TAGS_MAX) this.#chosen = [...this.#chosen, name];
    this.#draw();
  }

  #add() {
    this.#chosen = addedTag(this.#chosen, this.name.value, this.#known).slice(0, TAGS_MAX);
    this.name.value = "";
    this.name.focus();
    this.#draw();
  }

  /** Enter adds what is written, and with nothing written it saves. */
  #key(event) {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    if (this.name.value.trim()) this.#add();
    else this.#done();
  }

  #done() {
    // What was written and not added was meant.
    this.#chosen = addedTag(this.#chosen, this.name.value, this.#known).slice(0, TAGS_MAX);
    this.node.close();
    if (JSON.stringify(this.#chosen) !== this.before) this.#save(this.#chosen);
  }
}
