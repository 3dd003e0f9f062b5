/** The only way from HTML text to nodes: everything shown passes here. */

import DOMPurify from "dompurify";

import { isSafeUrl } from "chat/markdown";

const CONFIG = {
  ALLOWED_TAGS: [
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
  ],
  ALLOWED_ATTR: ["href", "class", "start", "align"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

const MATH = {
  USE_PROFILES: { html: true, mathMl: true, svg: true },
  ADD_TAGS: ["semantics"],
  ADD_ATTR: ["data-style"],
  // "height:1em" would be taken for an address of a scheme that is not allowed.
  ADD_URI_SAFE_ATTR: ["data-style"],
  FORBID_TAGS: ["a", "img", "image", "style"],
  FORBID_CONTENTS: ["annotation"],
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

// From a footnote's number to the note: `chat/markdown` alone writes such a link.
const isMention = (node) => node.className === "mention" && /^#note-\d+$/.test(node.getAttribute("href"));

DOMPurify.addHook("afterSanitizeAttributes", (node) => {
  if (node.nodeName !== "A" || isMention(node)) return;
  if (!node.hasAttribute("href") || !isSafeUrl(node.getAttribute("href"))) {
    node.removeAttribute("href");
    return;
  }
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer nofollow");
});

/** Return a fragment made of the harmless part of `html`. */
export const safeFragment = (html) => DOMPurify.sanitize(html, CONFIG);

/**
 * Return a fragment of what KaTeX wrote.
 *
 * The content policy refuses a style attribute in HTML, and lets a script set the same on the node. In KaTeX's output
 * ` style="` is always an attribute: in text a quotation mark is `&quot;`.
 */
export function safeMath(html) {
  const fragment = DOMPurify.sanitize(html.replaceAll(' style="', ' data-style="'), MATH);
  for (const node of fragment.querySelectorAll("[data-style]")) {
    node.style.cssText = node.getAttribute("data-style");
    node.removeAttribute("data-style");
  }
  return fragment;
}
