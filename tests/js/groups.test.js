import assert from "node:assert/strict";
import { test } from "node:test";

import "./modules.mjs";

const { groups, untilTomorrow } = await import("chat/list-groups");
const { words } = await import("chat/words");

const NOW = new Date(2026, 10, 22, 0, 30).getTime();
const at = (...date) => new Date(...date).toISOString();
const conversations = {
  kept: { pinned: true, updated_at: at(2020, 0, 1) },
  fast: { updated_at: at(2026, 10, 23, 9) },
  now: { updated_at: at(2026, 10, 22, 0, 10) },
  late: { updated_at: at(2026, 10, 21, 23, 50) },
  week: { updated_at: at(2026, 10, 15, 0, 5) },
  month: { updated_at: at(2026, 10, 14, 23, 0) },
  last: { updated_at: at(2026, 9, 23, 1) },
  autumn: { updated_at: at(2026, 9, 22, 23) },
  older: { updated_at: at(2025, 9, 30) },
};

test("the list is grouped by the calendar of whoever looks", () => {
  assert.deepEqual(groups(Object.keys(conversations), conversations, NOW), [
    { key: "pinned", ids: ["kept"] },
    { key: "today", ids: ["fast", "now"] },
    { key: "yesterday", ids: ["late"] },
    { key: "week", ids: ["week"] },
    { key: "month", ids: ["month", "last"] },
    { key: "2026-10", ids: ["autumn"] },
    { key: "2025-10", ids: ["older"] },
  ]);
  assert.deepEqual(groups([], {}, NOW), []);
});

test("today is over at midnight", () => {
  assert.equal(untilTomorrow(NOW), 23.5 * 60 * 60 * 1000);
});

test("every group has a name, and a month of another year says which", () => {
  const year = new Date().getFullYear();
  assert.deepEqual(["pinned", "today", "yesterday", "week", "month"].map(words.list.group), [
    "Pinned", "Today", "Yesterday", "Previous 7 days", "Previous 30 days",
  ]);
  assert.equal(words.list.group(`${year}-10`), "October");
  assert.equal(words.list.group("2019-03"), "March 2019");
});
