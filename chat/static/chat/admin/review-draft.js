/** What is being written about a review stays in this tab until it is stored: through the keys, a reload or a new sign-in. */

const PREFIX = "evochat.review.draft.";

/** What of a draft is still to be written, on a page with so many notes: one more than then, and it is stored. Pure. */
export function remaining(kept, notes) {
  if (!kept) return "";
  const isStored = kept.sentAt !== null && notes > kept.sentAt;
  return isStored ? "" : kept.text;
}

export function keepDraft(field) {
  const key = PREFIX + field.dataset.review;
  const notes = Number(field.dataset.notes);
  const write = (sentAt) => {
    if (field.value) sessionStorage.setItem(key, JSON.stringify({ text: field.value, sentAt }));
    else sessionStorage.removeItem(key);
  };
  field.value ||= remaining(JSON.parse(sessionStorage.getItem(key)), notes);
  write(null);
  field.addEventListener("input", () => write(null));
  field.form.addEventListener("submit", () => write(notes));
}
