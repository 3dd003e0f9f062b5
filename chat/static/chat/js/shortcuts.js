/** The keys that do something on the page, and what; those of the whole page in one place. Pure. */

import { keyOf } from "chat/keys";
import { words } from "chat/words";

/** Groups `{title, keys: [[[key, …], what], …]}` of the list that is shown. */
export const shortcuts = () => [
  {
    title: words.shortcuts.writing(),
    keys: [
      [["Enter"], words.shortcuts.send()],
      [["Shift", "Enter"], words.shortcuts.newLine()],
      [["↑"], words.shortcuts.editLast()],
      [["Esc"], words.shortcuts.cancelEdit()],
    ],
  },
  {
    title: words.shortcuts.anywhere(),
    keys: [
      [["Esc"], words.shortcuts.stop()],
      [["Ctrl", "K"], words.shortcuts.search()],
      [["Ctrl", "Z"], words.shortcuts.undo()],
      [["Ctrl", "/"], words.shortcuts.list()],
      [["?"], words.shortcuts.listToo()],
    ],
  },
];

/** What a key asks of the whole page: `shortcuts`, `stop` or null. `isWriting`: it was pressed in a field. */
export function meaningOf(event, isWriting) {
  const { ctrlKey, metaKey, altKey, isComposing } = event;
  if (isComposing || altKey) return null;
  const key = keyOf(event);
  if (key === "/" && (ctrlKey || metaKey)) return "shortcuts";
  if (ctrlKey || metaKey) return null;
  if (key === "?" && !isWriting) return "shortcuts";
  return key === "Escape" ? "stop" : null;
}
