import assert from "node:assert/strict";
import { test } from "node:test";

import { C, READY, answering, created, delta, ended, flushed, prompt, sent, snapshot, tell, told } from "./story.mjs";

const { composerMode, refusing, rows, unborn } = await import("chat/rows");
const { draftOf } = await import("chat/drafts");
const { nextDueAt } = await import("chat/due");
const { statusOf } = await import("chat/answer-words");
const { offersOf, unsentWords } = await import("chat/unsent");

const SEND = { type: "user.send", key: "m1", content: "Hello" };
const DOWN = { type: "socket.closed", attempt: 0, retryAt: 2000 };
const accepted = (rest = {}) => ({
  type: "message.accepted", command_id: "send:m1", conversation: C, message: "m1", answer: "a1", generation: "g1", duplicate: false, ...rest,
});
const refusal = (code, rest = {}) => ({ type: "error", command_id: "send:m1", code, detail: "", ...rest });
const words = (state, at = 0, now = 1000) =>
  unsentWords(rows(state).filter((row) => row.item && row.message.role === "user")[at], { ready: state.connection.phase === "ready", now }).text;
const NEWS = [accepted(), { type: "message.created", conversation: C, message: prompt("m1") }, created("g1", "a1", "m1")];

test("a new conversation: sent at once, shown at once, opened when accepted", () => {
  const wrote = told(READY, SEND);
  assert.deepEqual(rows(wrote).map(({ message }) => [message.role, message.content]), [["user", "Hello"], ["assistant", ""]]);
  assert.equal(composerMode(wrote), "stop");
  const [state, commands] = sent(wrote);
  assert.deepEqual(commands.find(({ type }) => type === "message.send"), {
    type: "message.send", command_id: "send:m1", message: "m1", conversation: null, content: "Hello",
  });
  const open = tell(state, ...NEWS);
  assert.equal(open.open, C);
  assert.deepEqual(open.outbox, []);
  assert.deepEqual(rows(open).map(({ key }) => key), ["m1", "a1"]);
  assert.equal(composerMode(open), "stop");
});

test("Stop never turns back into Send between the command and the answer", () => {
  let state = flushed(told(READY, SEND));
  for (const event of NEWS) {
    state = tell(state, event);
    assert.equal(composerMode(state), "stop");
  }
});

test("what was not acknowledged is sent again with the same uuid", () => {
  const state = tell(flushed(told(READY, SEND)), DOWN, READY);
  const [, commands] = sent(state);
  assert.equal(commands.find(({ type }) => type === "message.send").message, "m1");
});

test("what was written offline waits and is sent when the server is there", () => {
  const offline = told(SEND);
  assert.deepEqual(sent(offline)[1], []);
  assert.equal(sent(tell(offline, READY))[1].at(-1).type, "message.send");
});

test("a duplicate is looked up, for its events have passed", () => {
  const state = tell(flushed(told(READY, SEND)), accepted({ duplicate: true }));
  assert.equal(sent(state)[1][0].type, "conversation.subscribe");
});

test("a duplicate on a branch that is not shown does not keep the page waiting", () => {
  const asked = flushed(tell(flushed(told(READY, SEND)), accepted({ duplicate: true })));
  const state = tell(asked, snapshot([prompt("other")]));
  assert.deepEqual(state.outbox, []);
  assert.equal(composerMode(state), "send");
});

test("messages of one conversation leave one after the other", () => {
  const [state, commands] = sent(told(READY, SEND, { ...SEND, key: "m2", content: "And?" }));
  assert.deepEqual(commands.filter(({ type }) => type === "message.send").map(({ message }) => message), ["m1"]);
  const [, next] = sent(tell(state, accepted()));
  const second = next.find(({ type }) => type === "message.send");
  assert.equal(second.message, "m2");
  assert.equal(second.conversation, C);
});

test("a refused message stays, says why, and waits for the person", () => {
  const state = tell(flushed(told(READY, SEND)), refusal("too_many_generations"));
  assert.match(words(state), /^Not sent: Too many answers are waiting/);
  assert.deepEqual(rows(state).map(({ message }) => message.role), ["user"]);
  assert.deepEqual(offersOf(rows(state)[0]), ["retry", "reclaim", "discard"]);
  assert.equal(composerMode(state), "send");
  assert.deepEqual(sent(state, 60_000)[1], []);
  assert.deepEqual(sent(tell(state, DOWN, READY))[1].filter(({ type }) => type === "message.send"), []);
});

test("a message over a limit of one's own knows which, why and until when", () => {
  const over = refusal("quota_exceeded", { quota: "paused", reason: "Ask Bob.", retry_after_ms: 60_000 });
  const state = tell(flushed(told(READY, SEND)), { ...over, at: 5000 });
  assert.deepEqual(state.outbox[0].refusal, { code: "quota_exceeded", field: undefined, quota: "paused", reason: "Ask Bob.", until: 65_000 });
});

test("Retry sends a refused message with the same uuid", () => {
  const state = tell(flushed(told(READY, SEND)), refusal("too_many_generations"), { type: "user.retry", key: "m1", fresh: "m9" });
  assert.equal(sent(state)[1][0].message, "m1");
});

test("Retry of a conflict takes another uuid: the old one stands for something else", () => {
  const state = tell(flushed(told(READY, SEND)), refusal("conflict"), { type: "user.retry", key: "m1", fresh: "m9" });
  assert.equal(sent(state)[1][0].message, "m9");
});

test("Edit brings a refused message back before what has been written since", () => {
  const state = tell(flushed(told(READY, SEND)), refusal("too_long"), { type: "user.typed", text: "More" }, { type: "user.reclaim", key: "m1" });
  assert.equal(draftOf(state), "Hello\n\nMore");
  assert.deepEqual(state.outbox, []);
});

test("Discard is the only way a refused message goes", () => {
  const state = tell(flushed(told(READY, SEND)), refusal("not_found"), { type: "user.discard", key: "m1" });
  assert.deepEqual(state.outbox, []);
  assert.equal(draftOf(state), "");
  const waiting = tell(told(SEND), { type: "user.discard", key: "m1" });
  assert.equal(waiting.outbox.length, 1);
});

test("what follows a refused message waits behind it", () => {
  const state = tell(flushed(told(READY, SEND, { ...SEND, key: "m2", content: "And?" })), refusal("too_long"));
  assert.deepEqual(sent(state)[1].filter(({ type }) => type === "message.send"), []);
  assert.equal(words(state, 1), "Waits for the message above");
  const on = tell(state, { type: "user.discard", key: "m1" });
  assert.equal(sent(on)[1][0].message, "m2");
});

test("a refusal that comes after the reader went elsewhere waits in its conversation, which is marked", () => {
  const done = answering(delta("g", 1, "Old"), ended("g", 2));
  const gone = tell(flushed(tell(done, SEND)), { type: "user.new", draft: "draft-2" });
  const state = tell(gone, refusal("too_many_generations"));
  assert.deepEqual(rows(state), []);
  assert.deepEqual([...refusing(state)], [C]);
  assert.match(words(tell(state, { type: "user.open", conversation: C })), /^Not sent/);
});

test("a conversation that does not exist yet can be left and come back to", () => {
  const left = tell(told(SEND, { ...SEND, key: "m2", content: "And?" }), { type: "user.new", draft: "draft-2" });
  assert.deepEqual(unborn(left), [{ place: "draft-1", title: "Hello", refused: false }]);
  const back = tell(left, { type: "user.new", draft: "draft-1" });
  assert.deepEqual(rows(back).filter(({ message }) => message.role === "user").map(({ key }) => key), ["m1", "m2"]);
});

test("unavailable is no refusal: it is sent again after a while", () => {
  const state = tell(flushed(told(READY, SEND)), refusal("unavailable"));
  assert.deepEqual(sent(state, 1001)[1], []);
  assert.equal(words(state), "The server could not store this yet. Trying again…");
  assert.equal(nextDueAt(state, 1000), 3000);
  assert.equal(sent(state, 60_000)[1][0].message, "m1");
});

test("a message that came too fast is sent when its time has come", () => {
  const state = tell(flushed(told(READY, SEND)), refusal("rate_limited", { retry_after_ms: 30_000 }));
  assert.equal(words(state), "Too many messages: will be sent in 30 seconds");
  assert.equal(words(state, 0, 30_000), "Too many messages: will be sent in 1 second");
  assert.deepEqual(sent(state, 30_999)[1], []);
  assert.equal(sent(state, 31_000)[1][0].message, "m1");
});

test("nothing is due by time alone while there is no connection, or when the time is past", () => {
  const state = tell(flushed(told(READY, SEND)), refusal("unavailable"));
  assert.equal(nextDueAt(tell(state, DOWN), 1000), null);
  assert.equal(nextDueAt(state, 3000), null);
});

test("the page says honestly where a message is", () => {
  assert.equal(words(told(SEND)), "Will be sent when the connection is back");
  assert.equal(words(told(READY, SEND)), "Sending…");
  assert.equal(words(told(READY, SEND, { ...SEND, key: "m2" }), 1), "Waits for the message above");
  assert.equal(words(tell(flushed(told(READY, SEND)), DOWN, { type: "user.stop" })), "Stopping…");
  const [, answer] = rows(told(SEND));
  assert.equal(statusOf(answer, { ready: false, now: 0 }), null);
});

test("Stop takes back what has not left, the first one first", () => {
  const state = tell(told(SEND, { ...SEND, key: "m2", content: "And?" }, { type: "user.typed", text: "So" }), { type: "user.stop" });
  assert.deepEqual(state.outbox, []);
  assert.equal(draftOf(state), "Hello\n\nAnd?\n\nSo");
});

test("Stop never takes back what may have arrived: it is sent again and then stopped", () => {
  const state = tell(flushed(told(READY, SEND)), DOWN, { type: "user.stop" });
  assert.equal(draftOf(state), "");
  const [again, commands] = sent(tell(state, READY));
  assert.equal(commands.at(-1).message, "m1");
  const stopped = tell(again, accepted({ duplicate: true }));
  assert.ok(sent(stopped)[1].some(({ type, generation }) => type === "generation.cancel" && generation === "g1"));
});

test("a stopped message that is refused comes back to the composer", () => {
  const state = tell(flushed(told(READY, SEND)), { type: "user.stop" }, refusal("rate_limited", { retry_after_ms: 1 }));
  assert.deepEqual(state.outbox, []);
  assert.equal(draftOf(state), "Hello");
});

test("a new socket knows nothing of the old one, even if that never said goodbye", () => {
  const state = tell(flushed(told(READY, SEND)), { type: "socket.connecting", attempt: 0 }, READY);
  assert.equal(sent(state)[1].at(-1).message, "m1");
});

test("what one person wrote is not sent in the name of another", () => {
  const other = { ...READY, user: { id: 2, username: "bob" } };
  const state = tell(flushed(told(READY)), SEND, DOWN, other);
  assert.equal(state.connection.phase, "other_user");
  assert.deepEqual(sent(state)[1], []);
});

test("what is being written goes on in the conversation that the draft becomes", () => {
  const state = tell(flushed(told(READY, SEND)), { type: "user.typed", text: "Next" }, accepted());
  assert.equal(state.open, C);
  assert.equal(draftOf(state), "Next");
  assert.equal(draftOf(tell(state, { type: "user.new", draft: "draft-2" })), "");
});

test("each conversation has its own draft, and a new one too", () => {
  const state = told({ type: "user.typed", text: "New" }, { type: "user.open", conversation: C }, { type: "user.typed", text: "Old" });
  assert.equal(draftOf(state), "Old");
  assert.equal(draftOf(tell(state, { type: "user.new", draft: "draft-2" })), "New");
});

test("a draft that another tab has sent goes here too, unless it was changed here", () => {
  const state = told({ type: "user.typed", text: "Hello" });
  const gone = { type: "draft.emptied", name: "new", text: "Hello" };
  assert.equal(draftOf(tell(state, gone)), "");
  assert.equal(draftOf(tell(state, { type: "user.typed", text: "Hello you" }, gone)), "Hello you");
});

test("a refused continuation or new answer says so and can be tried again", () => {
  const stopped = answering(delta("g", 1, "Old"), ended("g", 2, "cancelled"));
  const went = flushed(tell(stopped, { type: "user.continue", key: "g" }));
  const state = tell(went, { type: "error", command_id: "continue:g", code: "too_many_generations", detail: "" });
  const row = rows(state).at(-1);
  assert.deepEqual(offersOf(row), ["retry", "discard"]);
  assert.equal(statusOf(row, { ready: true, now: 0 }), null);
  const [, commands] = sent(tell(state, { type: "user.retry", key: "g", fresh: "x" }));
  assert.equal(commands[0].generation, "g");
});

test("Stop before the acknowledgement cancels as soon as the generation is known", () => {
  const stopped = tell(flushed(told(READY, SEND)), { type: "user.stop" });
  assert.equal(composerMode(stopped), "stopping");
  const state = tell(stopped, ...NEWS);
  assert.equal(composerMode(state), "stopping");
  assert.deepEqual(sent(state)[1], [{ type: "generation.cancel", command_id: "cancel:g1", generation: "g1" }]);
});

test("Stop is asked for again after a drop, until the end is confirmed", () => {
  const [state, commands] = sent(answering(delta("g", 1, "x"), { type: "user.stop" }));
  assert.equal(commands[0].type, "generation.cancel");
  assert.deepEqual(sent(state)[1], []);
  const live = { id: "g", message: "a", status: "in_progress", seq: 1, content: "x", reasoning: "" };
  const back = tell(flushed(tell(state, DOWN, READY)), snapshot([], { head: "a", generations: [live] }));
  assert.equal(composerMode(back), "stopping");
  assert.equal(composerMode(tell(back, ended("g", 2, "cancelled"))), "send");
});

test("a reconnect asks for the cancel again", () => {
  const [state] = sent(answering({ type: "user.stop" }));
  assert.ok(sent(tell(state, DOWN, READY))[1].some(({ type }) => type === "generation.cancel"));
});

test("answering again shows a new version in the old one's place", () => {
  const done = answering(delta("g", 1, "Old"), ended("g", 2));
  const asked = tell(done, { type: "user.regenerate", key: "a2", message: "p" });
  assert.deepEqual(rows(asked).map(({ key }) => key), ["p", "a2"]);
  const [state, commands] = sent(asked);
  assert.deepEqual(commands, [{ type: "generation.create", command_id: "create:a2", message: "p", answer: "a2" }]);
  const reply = { type: "message.accepted", command_id: "create:a2", conversation: C, message: "p", answer: "a2", generation: "g2", duplicate: false };
  const shown = rows(tell(state, reply, created("g2", "a2", "p")));
  assert.deepEqual(shown.map(({ key }) => key), ["p", "a2"]);
  assert.deepEqual(shown[1].versions, ["a", "a2"]);
});

test("an edited prompt is a sibling of the old one", () => {
  const done = answering(delta("g", 1, "Old"), ended("g", 2));
  const edited = tell(done, { ...SEND, parent: null });
  assert.deepEqual(rows(edited).map(({ message }) => message.content), ["Hello", ""]);
  assert.equal(sent(edited)[1][0].parent, null);
  const state = tell(flushed(edited), ...NEWS);
  assert.deepEqual(rows(state).map(({ key }) => key), ["m1", "a1"]);
  assert.deepEqual(rows(state)[0].versions, ["p", "m1"]);
});

test("an edit that is refused shows the branch that was there, once it is discarded", () => {
  const done = answering(delta("g", 1, "Old"), ended("g", 2));
  const state = tell(flushed(tell(done, { ...SEND, parent: null })), refusal("too_long"));
  assert.deepEqual(rows(state).map(({ key }) => key), ["m1"]);
  assert.deepEqual(rows(tell(state, { type: "user.discard", key: "m1" })).map(({ key }) => key), ["p", "a"]);
});

test("a cancel that the server could not store is asked for again", () => {
  const [state] = sent(answering({ type: "user.stop" }));
  const later = tell(state, { type: "error", command_id: "cancel:g", code: "unavailable", detail: "" });
  assert.deepEqual(sent(later, 1001)[1], []);
  assert.equal(sent(later, 3000)[1][0].generation, "g");
});

test("a stop is over when the server knows of nothing to stop", () => {
  const [state] = sent(told(READY, { type: "kept.found", stops: ["g"] }));
  assert.deepEqual(Object.keys(state.stops), ["g"]);
  const over = tell(state, { type: "generation.cancelling", command_id: "cancel:g", generations: [] });
  assert.deepEqual(over.stops, {});
});

test("a stop kept over a reload is sent at once, and the answer says that it is stopping", () => {
  const back = told({ type: "kept.found", stops: ["g"] }, READY, { type: "user.open", conversation: C });
  const [state, commands] = sent(back);
  assert.ok(commands.some(({ type, generation }) => type === "generation.cancel" && generation === "g"));
  const live = { id: "g", message: "a", status: "in_progress", seq: 1, content: "x", reasoning: "" };
  const shown = tell(state, snapshot([prompt("p")], { generations: [live] }));
  assert.equal(composerMode(shown), "stopping");
});

test("messages kept over a reload come back once, in the order they were written", () => {
  const item = (key, created, rest) => ({ kind: "send", key, content: key, place: "draft-1", conversation: null, created, tried: true, sent: true, ...rest });
  const found = { type: "kept.found", items: [item("m2", 2), item("m1", 1, { stopping: true })] };
  const state = told(found, found, READY);
  assert.deepEqual(state.outbox.map(({ key }) => key), ["m1", "m2"]);
  const [, commands] = sent(state);
  assert.deepEqual(commands.filter(({ type }) => type === "message.send").map(({ message }) => message), ["m1"]);
  assert.equal(state.outbox[0].stopping, true);
});

test("of two messages of one millisecond the second is the later one", () => {
  const [first, second] = told(SEND, { ...SEND, key: "m2" }).outbox;
  assert.ok(second.created > first.created);
});
