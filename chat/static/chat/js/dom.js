/** Make and change elements. Text is always set as text. */

import { icon } from "chat/icons";

export function element(tag, { class: className, text, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter(Boolean));
  return node;
}

/** A button with an icon, and its words as label or, with `shown`, beside the icon. */
export function button(iconName, label, onclick, { shown = false, ...attributes } = {}) {
  const className = attributes.class ?? (shown ? "button" : "icon-button");
  const words = shown ? { ...attributes } : { "aria-label": label, title: label, ...attributes };
  const node = element("button", { type: "button", ...words, class: className, onclick });
  if (iconName) node.append(icon(iconName));
  if (shown) node.append(element("span", { text: label }));
  return node;
}

export const setText = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};

export const show = (node, shown) => {
  if (node.hidden === shown) node.hidden = !shown;
};

/** Make `parent` hold exactly `nodes`, in order, moving only what is out of place. */
export function arrange(parent, nodes) {
  const keep = new Set(nodes);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  nodes.forEach((node, index) => {
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
}
