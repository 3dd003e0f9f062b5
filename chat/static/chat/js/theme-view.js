/** The button that chooses between light, dark and what the system has. `theme.js`, before the page, shows the choice. */

import { icon } from "chat/icons";
import { PopupMenu, menuButton } from "chat/popup-menu";
import { words } from "chat/words";

const ICONS = { auto: "display", light: "sun", dark: "moon" };

const chosen = () => document.documentElement.dataset.theme ?? "auto";

function choose(theme) {
  try {
    localStorage.setItem("theme", theme);
  } catch {
    return; // nothing is kept here, so nothing is chosen
  }
  // Browsers tell the other tabs; this one hears of it the same way.
  dispatchEvent(new StorageEvent("storage", { key: "theme", newValue: theme }));
}

export class ThemeView {
  constructor(place) {
    const menu = new PopupMenu(place);
    this.button = menuButton(menu, { icon: ICONS[chosen()], label: words.theme.title(), items, class: "icon-button" });
    place.prepend(this.button);
    addEventListener("storage", ({ key }) => key === "theme" && this.#draw());
    this.#draw();
  }

  #draw() {
    const label = words.theme.chosen(chosen());
    this.button.replaceChildren(icon(ICONS[chosen()]));
    this.button.setAttribute("aria-label", label);
    this.button.title = label;
  }
}

const items = () =>
  Object.keys(ICONS).map((theme) => ({
    icon: ICONS[theme],
    label: words.theme.names[theme](),
    checked: theme === chosen(),
    run: () => choose(theme),
  }));
