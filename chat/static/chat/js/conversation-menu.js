/** What can be done with a conversation, as items of its menu. */

import { words } from "chat/words";

/** `does`: `rename()`, `change(set)`, `tags()`, `remove()`. */
export const itemsOf = ({ pinned, archived }, does) => [
  { icon: "edit", label: words.list.rename(), run: does.rename },
  pinned
    ? { icon: "unpin", label: words.list.unpin(), run: () => does.change({ pinned: false }) }
    : { icon: "pin", label: words.list.pin(), run: () => does.change({ pinned: true }) },
  { icon: "tag", label: words.list.editTags(), run: does.tags },
  archived
    ? { icon: "unarchive", label: words.list.unarchive(), run: () => does.change({ archived: false }) }
    : { icon: "archive", label: words.list.archive(), run: () => does.change({ archived: true }) },
  { icon: "trash", label: words.list.remove(), run: does.remove, danger: true },
];
