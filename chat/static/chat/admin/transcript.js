/** The transcript in the admin: answers as the chat shows them, and those being written grow. */

import { offerAsWritten } from "admin/as-written";
import { EntryView } from "admin/entry-view";
import { findTarget } from "admin/target";
import { drawInView } from "admin/in-view";
import { Watch } from "admin/watch";

const section = document.querySelector(".transcript");

if (section) {
  const entries = [...section.querySelectorAll(".transcript-entry.is-answer")].map((node) => new EntryView(node));
  offerAsWritten(section);
  drawInView(entries);
  findTarget();
  for (const entry of entries) if (entry.node.dataset.live) new Watch(entry).start();
}
