/** Names that a person gives to conversations. Pure. */

const folded = (name) => name.trim().replace(/\s+/g, " ").toLocaleLowerCase();

/** One that differs in case alone is the same one. */
export const sameTag = (one, other) => folded(one) === folded(other);

/** `tags` and the name written in `text`, in the spelling that is in use (`known`). */
export function addedTag(tags, text, known = []) {
  const name = text.trim().replace(/\s+/g, " ");
  if (!name || tags.some((tag) => sameTag(tag, name))) return tags;
  return [...tags, known.find((one) => sameTag(one, name)) ?? name];
}
