/** The button that shows texts as they were written, and back; what is chosen holds for the next transcript. */

import { recall, remember } from "chat/storage";

const CHOSEN = "admin.as-written";

export function offerAsWritten(section) {
  const button = section.querySelector("[data-part=raw]");
  if (!button) return;
  const show = (raw) => {
    section.classList.toggle("is-raw", raw);
    button.setAttribute("aria-pressed", String(raw));
  };
  button.addEventListener("click", () => {
    const raw = !section.classList.contains("is-raw");
    remember(CHOSEN, raw ? "yes" : null);
    show(raw);
  });
  show(recall(CHOSEN) === "yes");
  button.hidden = false;
}
