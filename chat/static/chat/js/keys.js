/** Which key of a shortcut was pressed, whatever the keyboard's layout writes with it. Pure. */

const isOfAnotherAlphabet = (key) => key.length === 1 && key > "~";

/** On a Russian layout K writes "л" and / writes a full stop: Ctrl+K is still Ctrl+K. Letters come in lower case. */
export function keyOf({ key, code = "" }) {
  if (code === "Slash" && key === ".") return "/";
  if (isOfAnotherAlphabet(key) && /^Key[A-Z]$/.test(code)) return code.at(-1).toLowerCase();
  return key.length === 1 ? key.toLowerCase() : key;
}
