/** The list by date: what is pinned, then by when it was last talked in. Pure. */

const DAY_MS = 24 * 60 * 60 * 1000;
const WEEK_DAYS = 7;
const MONTH_DAYS = 30;

/** Groups `{key, ids}` in order; a key is `pinned`, `today`, `yesterday`, `week`, `month`, or a month as `2026-11`. */
export function groups(ids, conversations, now) {
  const found = new Map();
  for (const id of ids) {
    const { pinned, updated_at } = conversations[id];
    const key = pinned ? "pinned" : periodOf(Date.parse(updated_at), now);
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(id);
  }
  return [...found].map(([key, members]) => ({ key, ids: members }));
}

function periodOf(moment, now) {
  const days = daysBetween(moment, now);
  if (!(days > 0)) return "today"; // also what a clock that goes fast has dated tomorrow
  if (days === 1) return "yesterday";
  if (days <= WEEK_DAYS) return "week";
  if (days <= MONTH_DAYS) return "month";
  const date = new Date(moment);
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}`;
}

/** Counted by the calendar of whoever looks; a day in spring has 23 hours. */
const daysBetween = (moment, now) => Math.round((midnight(now) - midnight(moment)) / DAY_MS);

const midnight = (moment) => new Date(moment).setHours(0, 0, 0, 0);

/** Milliseconds from `now` to the moment when today is yesterday. */
export function untilTomorrow(now) {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime() - now;
}
