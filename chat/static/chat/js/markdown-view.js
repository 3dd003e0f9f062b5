/** A Markdown text on the page: each block is a node, and only what says something new is touched. */

import { CodeView, NestedCodeView } from "chat/code-view";
import { copied } from "chat/copied";
import { element } from "chat/dom";
import { BlockReader } from "chat/markdown";
import { MathView } from "chat/math-view";
import { mirror } from "chat/mirror";
import { safeFragment } from "chat/sanitize";
import { words } from "chat/words";

export class MarkdownView {
  #reader = new BlockReader();
  #views = [];
  #text = null;
  #finished = null;

  constructor() {
    this.node = element("div", { class: "markdown", onclick: followNote, oncopy: copied });
    this.notes = new HtmlView();
  }

  update(text, finished) {
    if (text === this.#text && finished === this.#finished) return;
    this.#text = text;
    this.#finished = finished;
    const all = this.#reader.read(text, finished);
    const blocks = all.filter(({ type }) => type !== "notes");
    blocks.forEach((block, index) => this.#put(block, index));
    for (const view of this.#views.splice(blocks.length)) view.node.remove();
    this.#putNotes(all.find(({ type }) => type === "notes"));
  }

  #put(block, index) {
    const view = this.#views[index];
    if (view && view.type === block.type) return view.update(block);
    const fresh = block.type === "code" ? new CodeView() : new HtmlView();
    fresh.update(block);
    if (view) view.node.replaceWith(fresh.node);
    else if (index > 0) this.#views[index - 1].node.after(fresh.node);
    else this.node.prepend(fresh.node);
    this.#views[index] = fresh;
  }

  #putNotes(block) {
    if (!block) return this.notes.node.remove();
    this.notes.update(block);
    if (this.notes.node.parentNode !== this.node) this.node.append(this.notes.node);
  }
}

class HtmlView {
  type = "html";
  #html = null;
  #open = null;

  constructor() {
    this.node = element("div", { class: "block", dir: "auto" });
  }

  update({ html, open }) {
    if (html === this.#html && open === this.#open) return;
    this.#html = html;
    this.#open = open;
    mirror(this.node, safeFragment(html), viewFor, open);
  }
}

/** A wide table scrolls in a frame of its own: a group, since many of one name are no landmarks. */
class TableView {
  constructor() {
    this.table = element("table");
    this.node = element("div", { class: "table", tabindex: "0", role: "group", "aria-label": words.table() }, this.table);
  }

  update(table, open) {
    mirror(this.table, table, viewFor, open);
  }
}

/** An image of somewhere else is not fetched, since that would tell its host who reads what: a link says what it is. */
class ImageView {
  constructor() {
    this.label = element("span");
    this.node = element("a", { class: "image", target: "_blank", rel: "noopener noreferrer nofollow", title: words.imageNotLoaded() }, this.label);
  }

  update(link) {
    this.label.textContent = link.textContent;
    if (link.hasAttribute("href")) this.node.setAttribute("href", link.getAttribute("href"));
  }
}

function viewFor(node) {
  if (node.nodeName === "PRE") return NestedCodeView;
  if (node.nodeName === "TABLE") return TableView;
  if (node.nodeName === "CODE" && node.className.startsWith("math-")) return MathView;
  return node.nodeName === "A" && node.className === "image" ? ImageView : null;
}

/** From the number in a text to its note, in this text and not in the address bar. */
function followNote(event) {
  const link = event.target.closest?.("a.mention");
  if (!link) return;
  event.preventDefault();
  const note = event.currentTarget.querySelector(`.notes > .${CSS.escape(link.getAttribute("href").slice(1))}`);
  note?.setAttribute("tabindex", "-1");
  note?.focus();
}
