/** What is copied from an answer: a formula goes as its TeX, not as the signs it is drawn with. */

export function copied(event) {
  const selection = getSelection();
  if (selection.rangeCount === 0 || selection.isCollapsed) return;
  const range = wholeFormulas(selection.getRangeAt(0).cloneRange());
  const holder = document.createElement("div");
  holder.append(range.cloneContents());
  const formulas = holder.querySelectorAll(".math");
  if (formulas.length === 0) return;
  for (const formula of formulas) formula.replaceWith(formula.dataset.tex);
  event.clipboardData.setData("text/html", holder.innerHTML);
  event.clipboardData.setData("text/plain", textOf(holder));
  event.preventDefault();
}

function wholeFormulas(range) {
  const around = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest(".math");
  const [first, last] = [around(range.startContainer), around(range.endContainer)];
  if (first) range.setStartBefore(first);
  if (last) range.setEndAfter(last);
  return range;
}

/** Laid out out of sight, so that blocks become lines. */
function textOf(holder) {
  holder.className = "offscreen markdown";
  document.body.append(holder);
  const text = holder.innerText;
  holder.remove();
  return text;
}
