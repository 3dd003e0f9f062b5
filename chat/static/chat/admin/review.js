/** The keys of the page of a review: each presses or reaches what the page marks with it (`data-key`). */

import { keepDraft } from "admin/review-draft";
import { keyOf } from "chat/keys";

const OFF = "evochat.review.keys-off";
const FIELDS = "input, textarea, select, [contenteditable]";

const keys = document.getElementById("review-keys");
const note = document.getElementById("review-text");
const isOn = document.querySelector("[data-part=keys-on]");

function isMeant(event) {
  const isHeld = event.ctrlKey || event.metaKey || event.altKey;
  return !(isHeld || event.isComposing || event.repeat || event.target.matches(FIELDS) || document.querySelector("dialog[open]"));
}

function act(event) {
  if (!isOn.checked || !isMeant(event)) return;
  const target = document.querySelector(`[data-key="${CSS.escape(keyOf(event))}"]`);
  if (!target) return;
  // What the key writes must not come into the field that it leads to.
  event.preventDefault();
  if (target.matches("a, button:not([data-only-focus])")) target.click();
  else target.focus();
}

isOn.checked = localStorage.getItem(OFF) === null;
isOn.addEventListener("change", () => (isOn.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
document.querySelector("[data-opens=review-keys]").addEventListener("click", () => keys.showModal());
document.addEventListener("keydown", act);
if (note) keepDraft(note);
