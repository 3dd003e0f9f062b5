import assert from "node:assert/strict";
import { test } from "node:test";

import { READY, flushed, sent, tell, told } from "./story.mjs";

const { nextDueAt } = await import("chat/due");
const { tagsOf } = await import("chat/listing");

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

test("pinned ones come first", () => {
  const state = tell(flushed(told(READY)), listed([{ ...one("a", "01"), pinned: true }, one("c", "03"), one("b", "02")]));
  assert.deepEqual(state.list.ids, ["a", "c", "b"]);
  const loose = tell(state, { type: "conversation.updated", conversation: { ...one("a", "01"), pinned: false } });
  assert.deepEqual(loose.list.ids, ["c", "b", "a"]);
});

test("what is archived elsewhere leaves the list, and is in the other one", () => {
  const state = tell(flushed(told(READY)), listed([one("b", "02"), one("a", "01")]));
  const moved = tell(state, { type: "conversation.updated", conversation: { ...one("a", "01"), archived: true } });
  assert.deepEqual(moved.list.ids, ["b"]);
  const [asked, [command]] = sent(tell(moved, { type: "user.filter", archived: true }));
  assert.deepEqual(command, { type: "conversation.list", command_id: "list:first:archived", archived: true });
  const archive = tell(asked, listed([{ ...one("a", "01"), archived: true }], null, command.command_id));
  assert.deepEqual(archive.list.ids, ["a"]);
  assert.deepEqual(tell(archive, { type: "conversation.updated", conversation: one("c", "03") }).list.ids, ["a"]);
});

test("a page of a list that was left is not shown", () => {
  const [asked, [command]] = sent(tell(flushed(told(READY)), { type: "user.filter", tag: "work" }));
  assert.deepEqual(command, { type: "conversation.list", command_id: "list:first:tag:work", tag: "work" });
  const late = tell(asked, listed([one("b", "02")]));
  assert.deepEqual(late.list.ids, []);
  assert.equal(late.list.loaded, false);
  const state = tell(late, listed([{ ...one("a", "01"), tags: ["work"] }], null, command.command_id));
  assert.deepEqual(state.list.ids, ["a"]);
});

test("the names of tags are those in use, also of what was tagged since", () => {
  const state = tell(flushed(told(READY)), { ...listed([{ ...one("a", "01"), tags: ["work"] }]), tags: ["sea", "work"] });
  const tagged = tell(state, { type: "conversation.updated", conversation: { ...one("b", "02"), tags: ["home"] } });
  assert.deepEqual(tagsOf(tagged), ["home", "sea", "work"]);
  assert.deepEqual(sent(tagged)[1], []);
  const lost = tell(tagged, { type: "conversation.updated", conversation: { ...one("b", "02"), tags: [] } });
  const [asked, commands] = sent(lost);
  assert.deepEqual(commands, [{ type: "conversation.list", command_id: "list:tags" }]);
  assert.deepEqual(sent(asked)[1], []);
  assert.deepEqual(tagsOf(tell(asked, { ...listed([], null, "list:tags"), tags: ["work"] })), ["work"]);
});

test("a list that the server could not read is asked for again, later", () => {
  const asked = flushed(told(READY));
  const state = tell(asked, { type: "error", command_id: "list:first", code: "unavailable", detail: "" });
  assert.deepEqual(sent(state, 1001)[1], []);
  assert.equal(nextDueAt(state, 1000), 3000);
  assert.equal(sent(state, 3000)[1][0].command_id, "list:first");
});

test("an event that comes late does not bring a deleted conversation back", () => {
  const state = tell(flushed(told(READY)), listed([one("a", "01")]), { type: "conversation.deleted", conversation: "a" });
  const late = tell(state, { type: "conversation.updated", conversation: one("a", "03") });
  assert.deepEqual([late.list.ids, late.conversations], [[], {}]);
  assert.deepEqual(tell(late, { type: "conversation.created", conversation: one("a", "03") }).list.ids, ["a"]);
});

test("a model that is not offered any more is not asked for", () => {
  const state = told({ type: "user.model", model: "gone" }, READY);
  assert.equal(state.model, null);
});
