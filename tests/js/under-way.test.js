import assert from "node:assert/strict";
import { test } from "node:test";

import "./modules.mjs";

const { arrange } = await import("admin/under-way-rows");
const { lookAgainMs, readLook } = await import("admin/under-way");

const here = (...ids) => ids.map((id) => ({ id, isGone: false }));

test("left alone, the list is as the server has it", () => {
  assert.deepEqual(arrange(["a", "b"], ["c", "b"], false), here("c", "b"));
  assert.deepEqual(arrange([], [], false), []);
});

test("pointed at, no row moves: what has ended stays where it was and what is new comes at the end", () => {
  const rows = arrange(["a", "b", "c"], ["d", "c", "a"], true);
  assert.deepEqual(rows.map(({ id }) => id), ["a", "b", "c", "d"]);
  assert.deepEqual(rows.filter(({ isGone }) => isGone), [{ id: "b", isGone: true }]);
});

test("a server that does not answer is asked again, ever less often, and one that refuses is not", () => {
  assert.deepEqual(readLook(200, {}), { told: "", again: true });
  for (const status of [200, 500, 503]) assert.deepEqual(readLook(status, null), { told: "lost", again: true });
  assert.deepEqual(readLook(503, { unrecorded: true }), { told: "unrecorded", again: true });
  for (const status of [0, 401, 403, 404]) assert.deepEqual(readLook(status, null), { told: "refused", again: false });
  const waits = [0, 1, 3, 5].map((failures) => lookAgainMs(failures, () => 1));
  assert.deepEqual(waits, [3000, 3500, 5000, 11_000]);
});
