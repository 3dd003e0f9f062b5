import assert from "node:assert/strict";
import { test } from "node:test";

import { C, READY, answer, flushed, prompt, sent, snapshot, tell, told } from "./story.mjs";

const { nextDueAt } = await import("chat/due");
const { rows } = await import("chat/rows");
const { PAUSE_MS, hitsOf } = await import("chat/searching");
const { pieces } = await import("chat/snippet");

const hit = (conversation, message = null) => ({ conversation, message, role: message && "user", title: "T", snippet: "a sea", matches: [[2, 5]], created_at: "2026-11-01T00:00:00Z" });
const found = (round, hits, before = null) => ({ type: "conversation.found", command_id: `search:${round}`, hits, before });
const type = (text, at = 1000) => ({ type: "user.search", text, at });
const asked = (text = "sea") => sent(tell(flushed(told(READY)), type(text)), 1000 + PAUSE_MS);
const keys = (state) => hitsOf(state).map(({ key }) => key);

test("a question waits until the typing pauses", () => {
  const typed = tell(flushed(told(READY)), type("s"), type("sea", 1100));
  assert.deepEqual(sent(typed, 1100 + PAUSE_MS - 1)[1], []);
  assert.equal(nextDueAt(typed, 1100), 1100 + PAUSE_MS);
  const [state, commands] = sent(typed, 1100 + PAUSE_MS);
  assert.deepEqual(commands, [{ type: "conversation.search", command_id: "search:2", query: "sea" }]);
  assert.deepEqual(sent(state, 9000)[1], []);
});

test("an answer to what was asked before is not shown, and the last one stays until the next is there", () => {
  const first = tell(asked()[0], found(1, [hit("a")]));
  assert.deepEqual(keys(first), ["a"]);
  const [next] = sent(tell(first, type("seal")), 9000);
  assert.deepEqual(keys(tell(next, found(1, [hit("b")]))), ["a"]);
  assert.deepEqual(keys(tell(next, found(2, [hit("c", "m")]))), ["m"]);
});

test("nothing is asked for nothing, and leaving forgets what was found", () => {
  const state = tell(asked()[0], found(1, [hit("a")]), type(" "));
  assert.deepEqual([keys(state), sent(state, 9000)[1]], [[], []]);
  assert.equal(tell(state, { type: "user.search_leave" }).search, null);
  assert.deepEqual(keys(tell(state, { type: "user.search_leave" }, found(2, [hit("b")]))), []);
});

test("more is asked for from where the page ended, once", () => {
  const state = tell(asked()[0], found(1, [hit("a")], "20"), { type: "user.search_more" });
  const [more, commands] = sent(state, 9000);
  assert.deepEqual(commands, [{ type: "conversation.search", command_id: "search:1:more", query: "sea", before: "20" }]);
  assert.deepEqual(sent(tell(more, { type: "user.search_more" }), 9000)[1], []);
  assert.deepEqual(keys(tell(more, { ...found(1, [hit("b")]), command_id: "search:1:more" })), ["a", "b"]);
});

test("what was asked is asked again after a drop, and after a refusal for now", () => {
  const [state] = asked();
  const down = tell(state, { type: "socket.closed", attempt: 0, retryAt: 0 }, READY);
  assert.ok(sent(down, 9000)[1].some(({ command_id }) => command_id === "search:1"));
  const later = tell(state, { type: "error", command_id: "search:1", code: "unavailable", detail: "" });
  assert.deepEqual(sent(later, 2999)[1], []);
  assert.equal(sent(later, 3000)[1][0].command_id, "search:1");
  assert.equal(tell(state, { type: "error", command_id: "search:1", code: "invalid", detail: "" }).search.phase, "failed");
});

test("what is deleted is not found any more", () => {
  const state = tell(asked()[0], found(1, [hit("a"), hit("b", "m")]), { type: "conversation.deleted", conversation: "a" });
  assert.deepEqual(keys(state), ["m"]);
});

test("a snippet is cut at what matched", () => {
  assert.deepEqual(pieces("a sea 🌊 sea", [[9, 12], [2, 5]]), [
    { text: "a ", match: false }, { text: "sea", match: true }, { text: " 🌊 ", match: false }, { text: "sea", match: true },
  ]);
  assert.deepEqual(pieces("sea", [[0, 2], [1, 9]]), [{ text: "se", match: true }, { text: "a", match: true }]);
  assert.deepEqual(pieces("", [[0, 3]]), []);
});

// -- The way to a message ---------------------------------------------------------------------------

const END = { id: "g", status: "completed", seq: 1, finish_reason: "stop" };
const jump = (message) => ({ type: "user.jump", conversation: C, message, id: "k" });
const history = (messages) => ({ type: "conversation.history", command_id: `history:${C}`, conversation: C, messages });
const toldOf = (head) => ({ type: "conversation.updated", conversation: { id: C, title: "T", head, model: "small", params: {}, revision: 6 } });
const shown = (state) => rows(state).map(({ key }) => key);

test("a message that is on screen is gone to at once", () => {
  const state = tell(flushed(told(READY, jump("p"))), snapshot([prompt("p")]));
  assert.equal(state.open, C);
  assert.equal(state.jump.phase, "found");
  assert.equal(tell(state, { type: "jump.shown" }).jump, null);
});

test("a message above what is loaded is read up to", () => {
  let [state, commands] = sent(tell(flushed(told(READY, jump("p"))), snapshot([prompt("r", "b")])));
  for (const messages of [[answer("b", "q", "B", END)], [prompt("q", "a")], [prompt("p"), answer("a", "p", "A", END)]]) {
    assert.deepEqual(commands.map(({ type }) => type), ["conversation.history"]);
    [state, commands] = sent(tell(state, history(messages)));
  }
  assert.equal(state.jump.phase, "found");
  assert.deepEqual(shown(state), ["p", "a", "q", "b", "r"]);
  assert.deepEqual(commands, []);
});

test("a message of a branch that is here and not shown is switched to", () => {
  const [state, commands] = sent(tell(flushed(told(READY, jump("q"))), snapshot([prompt("q"), prompt("p")])));
  assert.deepEqual([shown(state), state.jump.phase], [["q"], "found"]);
  assert.equal(commands[0].head, "q");
});

test("a message of a branch that is not here is opened by the server, then read up to", () => {
  const [asked, [update]] = sent(tell(flushed(told(READY, jump("q"))), snapshot([prompt("p")])));
  assert.deepEqual(update, { type: "conversation.update", command_id: "ask:k", conversation: C, head: "q" });
  const [again, [subscribe]] = sent(tell(asked, toldOf("s"), { type: "done", command_id: "ask:k" }));
  assert.equal(subscribe.type, "conversation.subscribe");
  const [reading, [older]] = sent(tell(again, snapshot([prompt("s", "r")], { revision: 6 })));
  assert.deepEqual([older.type, older.before], ["conversation.history", "s"]);
  const state = tell(reading, history([prompt("q"), answer("r", "q", "R", END)]));
  assert.deepEqual([shown(state), state.jump.phase], [["q", "r", "s"], "found"]);
});

test("a message that is nowhere any more ends the way to it", () => {
  const [asked] = sent(tell(flushed(told(READY, jump("q"))), snapshot([prompt("p")])));
  const state = tell(asked, { type: "error", command_id: "ask:k", code: "not_found", detail: "" });
  assert.equal(state.jump, null);
  assert.equal(state.notice.kind, "refused");
});

test("who goes elsewhere meanwhile is left in peace", () => {
  assert.equal(told(READY, jump("p"), { type: "user.new", draft: "draft-2" }).jump, null);
  const gone = tell(flushed(told(READY, jump("p"))), { type: "error", command_id: `subscribe:${C}`, code: "not_found", detail: "" });
  assert.equal(gone.jump, null);
});
