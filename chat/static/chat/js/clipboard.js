/** Copying, also where the browser has no clipboard for scripts (plain HTTP on another host). */

import { button } from "chat/dom";
import { icon } from "chat/icons";
import { words } from "chat/words";

const SHOWN_MS = 1600;

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "offscreen";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** A button that copies what `read()` gives at that moment, and says so for a while. */
export function copyButton(read, label, options = {}) {
  const node = button("copy", label, async () => {
    await copy(read());
    mark(node, "check", words.copied(), options.shown);
    setTimeout(() => mark(node, "copy", label, options.shown), SHOWN_MS);
  }, options);
  return node;
}

function mark(node, iconName, label, shown) {
  node.querySelector("svg").replaceWith(icon(iconName));
  if (shown) node.querySelector("span").textContent = label;
  else node.setAttribute("aria-label", label);
}
