/** The sheet of shortcuts, and those keys that mean the whole page. */

import { element } from "chat/dom";
import { Sheet } from "chat/sheet";
import { meaningOf, shortcuts } from "chat/shortcuts";
import { words } from "chat/words";

const FIELDS = "input, textarea, select";
// There Escape closes or takes back something of their own.
const OWN_ESCAPE = "dialog, [popover], .edit, .sidebar";

export class ShortcutsView {
  constructor(opener, act) {
    this.act = act;
    this.sheet = new Sheet(words.shortcuts.title(), shortcuts().map(groupOf), { className: "shortcuts" });
    opener.addEventListener("click", () => this.sheet.show());
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    if (event.defaultPrevented) return;
    const meaning = meaningOf(event, event.target.matches(FIELDS));
    if (meaning === "stop" && !event.target.closest(OWN_ESCAPE) && !document.querySelector(":popover-open, dialog[open]")) this.act.stopIfWriting();
    if (meaning !== "shortcuts" || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    this.sheet.show();
  }
}

const groupOf = ({ title, keys }) =>
  element("section", {}, element("h3", { text: title }), element("dl", { class: "keys" }, ...keys.map(([pressed, what]) => lineOf(pressed, what))));

const lineOf = (pressed, what) =>
  element("div", {}, element("dt", { text: what }), element("dd", {}, ...pressed.map((key) => element("kbd", { text: key }))));
