import assert from "node:assert/strict";
import { test } from "node:test";

import "./modules.mjs";

const { pauseMs, readAnswer } = await import("admin/watch");
const { elsewhere } = await import("admin/target");

const ID = "0b9f4c5e-6a61-4f0c-9d57-1d6f5f2f8a11";

test("a watch goes on while the answer is written and ends with it", () => {
  assert.deepEqual(readAnswer(200, { live: true }), { told: "watching", again: true });
  assert.deepEqual(readAnswer(200, { live: true, stopping: true }), { told: "stopping", again: true });
  assert.deepEqual(readAnswer(200, { live: false }), { told: "ended", again: false });
});

test("a server that is lost is asked again, one that refuses is not", () => {
  // 200 without an answer: of a proxy in between.
  for (const status of [200, 500, 502, 503, 429]) assert.deepEqual(readAnswer(status, null), { told: "lost", again: true });
  for (const status of [0, 401, 403, 404]) assert.deepEqual(readAnswer(status, null), { told: "refused", again: false });
  assert.deepEqual(readAnswer(503, { unrecorded: true }), { told: "unrecorded", again: true });
  assert.deepEqual(readAnswer(403, { ask: "/why/" }), { told: "ask", again: false });
});

test("it asks once a second, less often unseen, and ever less often of a server that is lost", () => {
  const longest = () => 1;
  assert.equal(pauseMs(0, false, longest), 1000);
  assert.equal(pauseMs(0, true, longest), 15_000);
  assert.deepEqual([1, 3, 4, 5].map((failures) => pauseMs(failures, false, longest)), [1000, 2000, 4000, 8000]);
});

test("a message that is not on the page is looked for in the part it is in, once", () => {
  const [here, nowhere] = [() => true, () => false];
  assert.equal(elsewhere({ hash: `#message-${ID}`, search: "" }, nowhere), `?around=${ID}#message-${ID}`);
  assert.equal(elsewhere({ hash: `#message-${ID}`, search: "?after=x" }, nowhere), `?around=${ID}#message-${ID}`);
  assert.equal(elsewhere({ hash: `#message-${ID}`, search: "" }, here), null);
  assert.equal(elsewhere({ hash: `#message-${ID}`, search: `?around=${ID}` }, nowhere), null);
  for (const hash of ["", "#transcript-title", "#message-x"]) assert.equal(elsewhere({ hash, search: "" }, nowhere), null);
});
