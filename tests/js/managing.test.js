import assert from "node:assert/strict";
import { test } from "node:test";

import { C, READY, flushed, prompt, sent, snapshot, tell, told } from "./story.mjs";

const { nextDueAt } = await import("chat/due");
const { addedTag } = await import("chat/tags");

const DOWN = { type: "socket.closed", attempt: 0, retryAt: 2000 };
const shape = (id, rest = {}) => ({
  id, title: id, head: null, revision: 1, model: "small", updated_at: id === "b" ? "2026-11-01T00:00:00Z" : "2026-11-02T00:00:00Z",
  pinned: false, archived: false, tags: [], ...rest,
});
const listing = (...shapes) => ({ type: "conversation.listed", command_id: "list:first", conversations: shapes, before: null });
const change = (key, set, conversation = "a") => ({ type: "user.change", id: key, conversation, set });
const remove = (key = "d", conversation = "a") => ({ type: "user.delete", id: key, conversation, draft: "draft-2" });
const done = (key) => ({ type: "done", command_id: `ask:${key}` });
const refusal = (key, code) => ({ type: "error", command_id: `ask:${key}`, code, detail: "" });
const updated = (id, rest) => ({ type: "conversation.updated", conversation: shape(id, rest) });
const deleted = { type: "conversation.deleted", conversation: "a" };
const titleOf = (state, id = "a") => state.conversations[id]?.title;
const kinds = (commands) => commands.map(({ type }) => type.split(".")[1]);

const begun = tell(flushed(told(READY)), listing(shape("a"), shape("b")));

test("a change is shown at once, sent once, and over when it is done", () => {
  const [state, commands] = sent(tell(begun, change("k", { title: "Sea" })));
  assert.equal(titleOf(state), "Sea");
  assert.deepEqual(commands, [{ type: "conversation.update", command_id: "ask:k", conversation: "a", title: "Sea" }]);
  assert.deepEqual(sent(state)[1], []);
  const over = tell(state, updated("a", { title: "Sea" }), done("k"));
  assert.equal(titleOf(over), "Sea");
  assert.deepEqual(over.requests, []);
});

test("an event of before the change does not hide it", () => {
  const state = tell(flushed(tell(begun, change("k", { title: "Sea" }))), updated("a", { title: "Named by the model", pinned: true }));
  assert.deepEqual([titleOf(state), state.conversations.a.pinned], ["Sea", true]);
});

test("a change outlives a drop, and is sent again until it is done", () => {
  const down = tell(flushed(tell(begun, change("k", { title: "Sea" }))), DOWN);
  assert.equal(titleOf(down), "Sea");
  assert.deepEqual(sent(down)[1], []);
  const [again, commands] = sent(tell(down, READY));
  assert.equal(commands[0].command_id, "ask:k");
  // The event of the first time passed while there was no connection.
  const state = tell(again, done("k"));
  assert.equal(titleOf(state), "Sea");
});

test("changes of one conversation leave one after the other, those of others beside them", () => {
  const [state, commands] = sent(tell(begun, change("k", { title: "Sea" }), change("l", { pinned: true }), change("m", { pinned: true }, "b")));
  assert.deepEqual(commands.map(({ command_id }) => command_id), ["ask:k", "ask:m"]);
  assert.equal(sent(tell(state, done("k")))[1][0].command_id, "ask:l");
});

test("a title written over another takes its place, sent or not", () => {
  const offline = tell(begun, DOWN, change("k", { title: "Sea" }), change("l", { title: "Ocean" }));
  assert.deepEqual(sent(tell(offline, READY))[1].filter(({ type }) => type === "conversation.update"), [
    { type: "conversation.update", command_id: "ask:l", conversation: "a", title: "Ocean" },
  ]);
  const over = flushed(tell(flushed(tell(begun, change("k", { title: "Sea" }))), change("l", { title: "Ocean" })));
  assert.equal(titleOf(tell(over, updated("a", { title: "Sea" }), done("k"))), "Ocean");
  assert.equal(titleOf(tell(over, updated("a", { title: "Sea" }), refusal("k", "invalid"))), "Ocean");
});

test("a refused change is taken back, and it is said why", () => {
  const state = tell(flushed(tell(begun, change("k", { title: "Sea" }))), refusal("k", "not_found"));
  assert.equal(titleOf(state), "a");
  assert.deepEqual(state.notice, { key: "k", kind: "refused", what: "title", refusal: { code: "not_found", field: undefined } });
  assert.deepEqual(tell(state, { type: "notice.over", key: "other" }).notice, state.notice);
  assert.equal(tell(state, { type: "notice.over", key: "k" }).notice, null);
});

test("a change the server could not store waits, shown, and is sent again", () => {
  const state = tell(flushed(tell(begun, change("k", { pinned: true }))), refusal("k", "unavailable"));
  assert.equal(state.conversations.a.pinned, true);
  assert.deepEqual(sent(state, 1001)[1], []);
  assert.equal(nextDueAt(state, 1000), 3000);
  assert.equal(sent(state, 3000)[1][0].command_id, "ask:k");
});

test("pinning moves up, archiving away, and both come back when refused", () => {
  const pinned = tell(begun, change("k", { pinned: true }, "b"));
  assert.deepEqual(pinned.list.ids, ["b", "a"]);
  const archived = flushed(tell(pinned, change("l", { archived: true })));
  assert.deepEqual(archived.list.ids, ["b"]);
  assert.equal(archived.notice.kind, "archived");
  assert.deepEqual(tell(archived, refusal("l", "invalid"), refusal("k", "invalid")).list.ids, ["a", "b"]);
  assert.deepEqual(tell(archived, { type: "user.undo", id: "m" }).list.ids, ["b", "a"]);
});

test("deleting takes away at once, and what was deleted stays away", () => {
  const [state, commands] = sent(tell(begun, remove()));
  assert.deepEqual(commands, [{ type: "conversation.delete", command_id: "ask:d", conversation: "a" }]);
  assert.deepEqual(state.list.ids, ["b"]);
  const over = tell(state, deleted, done("d"));
  assert.deepEqual(tell(over, updated("a")).list.ids, ["b"]);
  assert.deepEqual(over.notice, { key: "d", kind: "deleted", conversation: "a", title: "a", wasOpen: false });
});

test("a deletion that was done while the connection was gone is known by its second reply", () => {
  const [state] = sent(tell(flushed(tell(begun, remove())), DOWN, READY));
  assert.deepEqual(tell(state, listing(shape("b")), done("d")).list.ids, ["b"]);
});

test("a deletion that is refused brings the conversation back", () => {
  const state = tell(flushed(tell(begun, remove())), refusal("d", "invalid"));
  assert.deepEqual(state.list.ids, ["a", "b"]);
  assert.equal(state.notice.what, "delete");
});

test("Undo restores at once, also what is being deleted", () => {
  const undone = tell(flushed(tell(begun, remove())), { type: "user.undo", id: "r" });
  assert.deepEqual(undone.list.ids, ["a", "b"]);
  const [asked, commands] = sent(undone);
  assert.deepEqual(kinds(commands), ["restore"]);
  const state = tell(asked, deleted, done("d"));
  assert.deepEqual(state.list.ids, ["a", "b"]);
  const back = tell(state, { type: "conversation.created", conversation: shape("a", { revision: 3 }) }, done("r"));
  assert.deepEqual([back.list.ids, back.requests, back.deleted], [["a", "b"], [], {}]);
});

test("Undo of what nobody told of a second time is believed", () => {
  const undone = tell(flushed(tell(begun, remove())), deleted, done("d"), { type: "user.undo", id: "r" });
  const again = flushed(tell(flushed(undone), DOWN, READY));
  assert.deepEqual(tell(again, listing(shape("a"), shape("b")), done("r")).list.ids, ["a", "b"]);
});

test("deleting the open conversation leaves it, and Undo comes back and follows it again", () => {
  const open = tell(flushed(tell(begun, { type: "user.open", conversation: C })), snapshot([prompt("p")]));
  const [gone] = sent(tell(open, remove("d", C)));
  assert.deepEqual([gone.open, gone.draft], [null, "draft-2"]);
  const told = tell(gone, { type: "conversation.deleted", conversation: C }, done("d"));
  const back = tell(told, { type: "user.undo", id: "r" });
  assert.equal(back.open, C);
  assert.equal(back.threads[C].missing, false);
  const [asked, commands] = sent(back);
  assert.deepEqual(kinds(commands), ["restore"]);
  const there = tell(asked, { type: "conversation.created", conversation: shape(C) }, done("r"));
  assert.deepEqual(kinds(sent(there)[1]), ["subscribe"]);
});

test("Undo does not take one away from where one has gone since", () => {
  const open = tell(flushed(tell(begun, { type: "user.open", conversation: C })), snapshot([prompt("p")]));
  const gone = tell(open, remove("d", C), { type: "user.open", conversation: "b" }, { type: "user.undo", id: "r" });
  assert.equal(gone.open, "b");
});

test("in another tab an open conversation that is deleted is missing until it is restored", () => {
  const open = tell(flushed(tell(begun, { type: "user.open", conversation: C })), snapshot([prompt("p")]));
  const gone = tell(open, { type: "conversation.deleted", conversation: C });
  assert.equal(gone.threads[C].missing, true);
  assert.deepEqual(sent(gone)[1], []);
  const back = tell(gone, { type: "conversation.created", conversation: shape(C) });
  assert.deepEqual(kinds(sent(back)[1]), ["subscribe"]);
});

const kept = (id, type, rest = {}) => ({ id, subject: `${id}:a`, command: { type: `conversation.${type}`, conversation: "a", ...rest }, order: 1 });

test("a change kept over a reload is shown and sent again, before what is changed now", () => {
  const found = { type: "kept.found", requests: [kept("title", "update", { title: "Sea" })] };
  const state = tell(told(found, found, READY), listing(shape("a")), change("l", { pinned: true }));
  assert.deepEqual(state.requests.map(({ id }) => id), ["title", "l"]);
  const [asked, commands] = sent(state);
  assert.deepEqual(commands.filter(({ type }) => type === "conversation.update").map(({ title }) => title), ["Sea"]);
  const over = tell(asked, done("title"));
  assert.deepEqual([titleOf(over), over.conversations.a.pinned], ["Sea", true]);
});

test("what was kept does not replace what is changed now", () => {
  const state = tell(begun, change("l", { title: "Ocean" }), { type: "kept.found", requests: [kept("title", "update", { title: "Sea" })] });
  assert.deepEqual([titleOf(state), state.requests.map(({ id }) => id)], ["Ocean", ["l"]]);
});

test("a deletion kept over a reload hides what the list still has", () => {
  const found = { type: "kept.found", requests: [kept("there", "delete")] };
  const state = tell(flushed(told(found, READY)), listing(shape("a"), shape("b")));
  assert.deepEqual(state.list.ids, ["b"]);
});

test("requests keep their order", () => {
  const { requests } = tell(begun, change("k", { title: "Sea" }), change("l", { pinned: true }));
  assert.ok(requests[1].order > requests[0].order);
});

test("what waits to be sent again holds up what follows it in its conversation", () => {
  const state = tell(flushed(tell(begun, change("k", { title: "Sea" }), remove())), refusal("k", "unavailable"));
  assert.deepEqual(sent(state, 1001)[1], []);
  const [again, first] = sent(state, 3000);
  assert.deepEqual(kinds(first), ["update"]);
  assert.deepEqual(kinds(sent(tell(again, done("k")), 3000)[1]), ["delete"]);
});

test("a tag is added once, in the spelling that is in use", () => {
  assert.deepEqual(addedTag(["Work"], " work "), ["Work"]);
  assert.deepEqual(addedTag(["Work"], "SEA  side", ["Sea side"]), ["Work", "Sea side"]);
  assert.deepEqual(addedTag([], "  "), []);
});
