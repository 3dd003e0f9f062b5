import assert from "node:assert/strict";
import { test } from "node:test";

import "./modules.mjs";

const { keyOf } = await import("chat/keys");
const { meaningOf } = await import("chat/shortcuts");

test("a key is the one that was pressed, in whichever alphabet it writes", () => {
  assert.equal(keyOf({ key: "k", code: "KeyK" }), "k");
  assert.equal(keyOf({ key: "K", code: "KeyK" }), "k");
  assert.equal(keyOf({ key: "л", code: "KeyK" }), "k");
  assert.equal(keyOf({ key: "Я", code: "KeyZ" }), "z");
  assert.equal(keyOf({ key: ".", code: "Slash" }), "/");
  assert.equal(keyOf({ key: ".", code: "Period" }), ".");
});

test("on another Latin layout a key is what it writes there", () => {
  // German: z and y have changed places, and a minus stands where others have the slash.
  assert.equal(keyOf({ key: "z", code: "KeyY" }), "z");
  assert.equal(keyOf({ key: "-", code: "Slash" }), "-");
  assert.equal(keyOf({ key: "/", code: "Digit7" }), "/");
});

test("keys without a letter stay as they are", () => {
  assert.equal(keyOf({ key: "Escape", code: "Escape" }), "Escape");
  assert.equal(keyOf({ key: "ArrowUp" }), "ArrowUp");
});

test("the list of shortcuts opens from a Russian keyboard too", () => {
  assert.equal(meaningOf({ key: ".", code: "Slash", ctrlKey: true }, true), "shortcuts");
  assert.equal(meaningOf({ key: ".", code: "Slash" }, false), null);
});
