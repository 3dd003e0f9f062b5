/** What has become of the end of the log since the reader left it. Pure. */

const lengthOf = ({ message, live }) =>
  (message.content ?? "").length + (live?.content ?? "").length + (message.reasoning ?? "").length + (live?.reasoning ?? "").length;

/** How the last row stands, to be compared later. */
export const standingOf = (row) => row && { key: row.key, role: row.message.role, length: lengthOf(row), live: Boolean(row.live) };

/** `none`, `more` text, `finished`, or a new `answer` or `message`. */
export function newsOf(before, now) {
  if (!before || !now) return "none";
  if (before.key !== now.key) return now.role === "user" ? "message" : "answer";
  if (before.live && !now.live) return "finished";
  return now.length > before.length ? "more" : "none";
}
