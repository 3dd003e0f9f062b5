import assert from "node:assert/strict";
import { test } from "node:test";

import { READY, flushed, sent, tell, told } from "./story.mjs";

const one = (id, day) => ({ id, title: id, head: null, revision: 1, model: "small", updated_at: `2026-11-${day}T00:00:00Z` });
const listed = (conversations, before = null, command_id = "list:first") => ({ type: "conversation.listed", command_id, conversations, before });

test("the list is asked for after each start, newest first", () => {
  const [state, commands] = sent(told(READY));
  assert.deepEqual(commands, [{ type: "conversation.list", command_id: "list:first" }]);
  assert.deepEqual(tell(state, listed([one("a", "01"), one("b", "02")])).list.ids, ["b", "a"]);
});

test("more is loaded from where the list ended, once", () => {
  const state = tell(flushed(told(READY)), listed([one("b", "02")], "cursor"), { type: "user.more" });
  const [asked, commands] = sent(state);
  assert.deepEqual(commands, [{ type: "conversation.list", command_id: "list:more", before: "cursor" }]);
  assert.deepEqual(sent(tell(asked, { type: "user.more" }))[1], []);
  const all = tell(asked, listed([one("a", "01")], null, "list:more"));
  assert.deepEqual(all.list.ids, ["b", "a"]);
  assert.deepEqual(sent(tell(all, { type: "user.more" }))[1], []);
});

test("created, updated and deleted conversations move at once", () => {
  const state = tell(flushed(told(READY)), listed([one("b", "02"), one("a", "01")]));
  const moved = tell(state, { type: "conversation.updated", conversation: one("a", "03") });
  assert.deepEqual(moved.list.ids, ["a", "b"]);
  assert.deepEqual(tell(moved, { type: "conversation.created", conversation: one("c", "04") }).list.ids, ["c", "a", "b"]);
  assert.deepEqual(tell(moved, { type: "conversation.deleted", conversation: "a" }).list.ids, ["b"]);
});

test("a conversation made while the list was on its way is kept", () => {
  const asked = tell(flushed(told(READY)), { type: "conversation.created", conversation: one("c", "04") });
  assert.deepEqual(tell(asked, listed([one("a", "01")])).list.ids, ["c", "a"]);
});

test("what was deleted while the page was away is gone after the next start", () => {
  const state = tell(flushed(told(READY)), listed([one("b", "02"), one("a", "01")]));
  const back = flushed(tell(state, { type: "socket.closed", attempt: 0, retryAt: 0 }, READY));
  assert.deepEqual(tell(back, listed([one("b", "02")])).list.ids, ["b"]);
});

test("a model that is not offered any more is not asked for", () => {
  const state = told({ type: "user.model", model: "gone" }, READY);
  assert.equal(state.model, null);
});
