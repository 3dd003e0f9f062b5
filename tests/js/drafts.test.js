import assert from "node:assert/strict";
import { test } from "node:test";

import { C, READY, answer, flushed, prompt, snapshot, tell, told } from "./story.mjs";

const { draftOf } = await import("chat/drafts");
const { rows } = await import("chat/rows");

const DOWN = { type: "socket.closed", attempt: 0, retryAt: 2000 };
const typed = (text, message) => ({ type: "user.typed", text, message });
const read = snapshot([prompt("p"), answer("a", "p", "Hi", { id: "g", status: "completed", seq: 2, finish_reason: "stop" })]);
const open = tell(flushed(told(READY, { type: "user.open", conversation: C })), read);
const drafts = (state) => rows(state).map(({ draft }) => draft);
const written = tell(open, typed("Hello you", "p"), typed("Too short", "a"), typed("And then?"));

test("an edit, a comment and what is in the composer are kept beside each other", () => {
  assert.deepEqual(drafts(open), ["", ""]);
  assert.deepEqual(drafts(written), ["Hello you", "Too short"]);
  assert.equal(draftOf(written), "And then?");
});

test("they outlive a drop, another conversation and a new snapshot", () => {
  const away = tell(written, DOWN, READY, { type: "user.new", draft: "draft-2" });
  assert.equal(draftOf(away), "");
  assert.deepEqual(drafts(tell(away, { type: "user.open", conversation: C }, read)), ["Hello you", "Too short"]);
});

test("what was sent or discarded is forgotten, and the rest stays", () => {
  const state = tell(written, typed("", "p"));
  assert.deepEqual(drafts(state), ["", "Too short"]);
  assert.equal(draftOf(state), "And then?");
});

test("an edit that another tab has sent goes here too, unless it was changed here", () => {
  const gone = { type: "draft.emptied", name: "message.p", text: "Hello you" };
  assert.deepEqual(drafts(tell(written, gone)), ["", "Too short"]);
  assert.deepEqual(drafts(tell(written, typed("Hello all", "p"), gone)), ["Hello all", "Too short"]);
});

test("what was kept from before a reload does not replace what is typed already", () => {
  const found = { type: "drafts.found", drafts: { "message.p": "Old", "message.a": "Kept" } };
  assert.deepEqual(drafts(tell(open, typed("New", "p"), found)), ["New", "Kept"]);
});
