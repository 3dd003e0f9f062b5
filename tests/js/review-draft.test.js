import assert from "node:assert/strict";
import { test } from "node:test";

import "./modules.mjs";

const { remaining } = await import("admin/review-draft");

test("what was written and not sent is there again", () => {
  assert.equal(remaining({ text: "hm", sentAt: null }, 3), "hm");
  assert.equal(remaining(null, 3), "");
});

test("what was sent is there again only if no note came of it", () => {
  assert.equal(remaining({ text: "hm", sentAt: 3 }, 3), "hm");
  assert.equal(remaining({ text: "hm", sentAt: 3 }, 4), "");
});
