/**
 * The menu of a menu button, after the WAI-ARIA pattern: arrows, Home, End and first letters move, Escape and Tab leave.
 *
 * One menu serves all buttons of a place. It lies in the browser's top layer, so no list or drawer cuts it.
 */

import { element } from "chat/dom";
import { icon } from "chat/icons";

const GAP_PX = 4;
const EDGE_PX = 8;

/** A button that opens what `items()` gives at that moment: `[{icon, label, run, danger, checked}]`. */
export function menuButton(menu, { icon: iconName, label, items, ...attributes }) {
  const node = element(
    "button",
    { type: "button", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": label, title: label, ...attributes },
    icon(iconName),
  );
  node.addEventListener("click", () => (menu.button === node ? menu.close() : menu.open(node, items())));
  node.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    menu.open(node, items(), { last: event.key === "ArrowUp" });
  });
  return node;
}

export class PopupMenu {
  button = null;

  constructor(host) {
    this.node = element("div", { class: "menu", role: "menu", popover: "manual" });
    host.append(this.node);
    this.node.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("pointerdown", ({ target }) => this.#pressed(target), true);
    // Of a list that scrolls away below it the menu would point at another line.
    for (const name of ["scroll", "resize"]) addEventListener(name, ({ target }) => target !== this.node && this.close(false), true);
  }

  open(button, items, { last = false } = {}) {
    this.close(false);
    this.button = button;
    this.node.replaceChildren(...items.map((item) => this.#item(item)));
    this.node.setAttribute("aria-label", button.getAttribute("aria-label"));
    this.node.showPopover();
    this.#place();
    button.setAttribute("aria-expanded", "true");
    this.#items().at(last ? -1 : 0).focus();
  }

  /** Close it; `back`: the focus goes to the button it came from. */
  close(back = true) {
    const { button } = this;
    if (!button) return;
    this.button = null;
    button.setAttribute("aria-expanded", "false");
    if (back && button.isConnected) button.focus();
    this.node.hidePopover();
  }

  #items() {
    return [...this.node.children];
  }

  /** `checked`, true or false: it is one of several of which one holds. */
  #item({ icon: iconName, label, run, danger, checked }) {
    const node = element(
      "button",
      {
        type: "button", role: checked === undefined ? "menuitem" : "menuitemradio", tabindex: "-1", class: danger ? "danger" : "",
        "aria-checked": checked === undefined ? null : String(checked),
      },
      icon(iconName),
      element("span", { text: label }),
      checked && icon("check"),
    );
    node.addEventListener("click", () => {
      this.close();
      run();
    });
    return node;
  }

  /** Below the button if there is room, else above it; never over the edge. */
  #place() {
    const { bottom, top, right } = this.button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.node;
    const below = bottom + GAP_PX;
    const fits = below + height <= innerHeight - EDGE_PX;
    const left = Math.min(Math.max(EDGE_PX, right - width), innerWidth - width - EDGE_PX);
    this.node.style.left = `${left}px`;
    this.node.style.top = `${fits ? below : Math.max(EDGE_PX, top - GAP_PX - height)}px`;
  }

  #pressed(target) {
    if (this.button && !this.node.contains(target) && !this.button.contains(target)) this.close(false);
  }

  #key(event) {
    const items = this.#items();
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) items.at(to % items.length).focus();
    else if (event.key === "Escape" || event.key === "Tab") this.close();
    else if (event.key.length !== 1 || event.key === " " || !this.#toLetter(event.key, items, at)) return;
    event.stopPropagation();
    // Tab goes on from the button.
    if (event.key !== "Tab") event.preventDefault();
  }

  #toLetter(letter, items, at) {
    const starts = (item) => item.textContent.toLocaleLowerCase().startsWith(letter.toLocaleLowerCase());
    const next = [...items.slice(at + 1), ...items.slice(0, at + 1)].find(starts);
    next?.focus();
    return Boolean(next);
  }
}
