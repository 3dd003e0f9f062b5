/** A conversation on a page of its own, shared or to print: its answers as the chat shows them. Without scripts they stay as written. */

import { MarkdownView } from "chat/markdown-view";

const waiting = [...document.querySelectorAll(".transcript-assistant > .transcript-text")];

function draw(text) {
  const view = new MarkdownView();
  view.update(text.textContent, true);
  text.replaceChildren(view.node);
  text.classList.add("is-drawn");
}

/** From the top, where reading begins, one at a time: a long conversation can be scrolled meanwhile. */
function drawNext() {
  if (!waiting.length) return;
  draw(waiting.shift());
  setTimeout(drawNext);
}

// Paper takes what is there at that moment.
addEventListener("beforeprint", () => waiting.splice(0).forEach(draw));
drawNext();
