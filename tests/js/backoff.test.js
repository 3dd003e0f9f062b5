import assert from "node:assert/strict";
import { test } from "node:test";

import "./modules.mjs";

const { FIRST_DELAY_MS, LONGEST_DELAY_MS, backoffMs } = await import("chat/backoff");

test("the wait doubles and is capped", () => {
  const longest = () => 1;
  assert.deepEqual([0, 1, 2].map((attempt) => backoffMs(attempt, longest)), [1, 2, 4].map((n) => n * FIRST_DELAY_MS));
  assert.equal(backoffMs(50, longest), LONGEST_DELAY_MS);
});

test("two browsers do not come back at one moment", () => {
  assert.equal(backoffMs(2, () => 0), backoffMs(2, () => 1) / 2);
});
