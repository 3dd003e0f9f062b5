import assert from "node:assert/strict";
import { test } from "node:test";

import { C, READY, answering, created, delta, ended, flushed, prompt, sent, snapshot, tell, told } from "./story.mjs";

const { composerMode, rows } = await import("chat/rows");
const { refusalOf } = await import("chat/state");

const SEND = { type: "user.send", key: "m1", content: "Hello", created: 1 };
const DOWN = { type: "socket.closed", attempt: 0, retryAt: 2000 };
const accepted = (rest = {}) => ({
  type: "message.accepted", command_id: "send:m1", conversation: C, message: "m1", answer: "a1", generation: "g1", duplicate: false, ...rest,
});
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

test("a refused message gives its text back, with the reason", () => {
  const error = { type: "error", command_id: "send:m1", code: "rate_limited", detail: "", retry_after_ms: 3000 };
  const state = tell(flushed(told(READY, SEND)), error);
  assert.deepEqual(state.outbox, []);
  assert.deepEqual(refusalOf(state), { content: "Hello", code: "rate_limited", field: undefined, retry_after_ms: 3000 });
  assert.equal(refusalOf(tell(state, { type: "refusal.taken" })).content, null);
  assert.equal(refusalOf(tell(state, { type: "refusal.dismissed" })), null);
});

test("a refusal that comes after the reader went elsewhere waits in its conversation", () => {
  const done = answering(delta("g", 1, "Old"), ended("g", 2));
  const gone = tell(flushed(tell(done, SEND)), { type: "user.new", draft: "draft-2" });
  const state = tell(gone, { type: "error", command_id: "send:m1", code: "too_many_generations", detail: "" });
  assert.equal(refusalOf(state), null);
  assert.equal(refusalOf(tell(state, { type: "user.open", conversation: C })).content, "Hello");
});

test("a refused draft that was left comes back to the draft that is open now", () => {
  const left = tell(flushed(told(READY, SEND)), { type: "user.new", draft: "draft-2" });
  const state = tell(left, { type: "error", command_id: "send:m1", code: "rate_limited", detail: "" });
  assert.equal(refusalOf(state).content, "Hello");
});

test("unavailable is no refusal: it is sent again after a while", () => {
  const state = tell(flushed(told(READY, SEND)), { type: "error", command_id: "send:m1", code: "unavailable", detail: "" });
  assert.equal(refusalOf(state), null);
  assert.deepEqual(sent(state, 1001)[1], []);
  assert.equal(sent(state, 60_000)[1][0].message, "m1");
});

test("Stop takes back what has not left", () => {
  const state = tell(told(SEND), { type: "user.stop" });
  assert.deepEqual(state.outbox, []);
  assert.equal(refusalOf(state).content, "Hello");
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

test("an edit that is refused shows the branch that was there", () => {
  const done = answering(delta("g", 1, "Old"), ended("g", 2));
  const state = tell(flushed(tell(done, { ...SEND, parent: null })), { type: "error", command_id: "send:m1", code: "too_long", detail: "" });
  assert.deepEqual(rows(state).map(({ key }) => key), ["p", "a"]);
});

test("the reader switches between versions, and to one that has to be fetched", () => {
  const message = { ...prompt("p"), siblings: ["p", "q"] };
  const state = tell(flushed(told(READY, { type: "user.open", conversation: C })), snapshot([message]));
  const [asked, commands] = sent(tell(state, { type: "user.switch", message: "q" }));
  assert.equal(commands[0].revision, 0);
  const there = tell(asked, snapshot([message, prompt("q", null, "Other"), { ...prompt("r", "q"), role: "assistant" }], { head: "p" }));
  assert.deepEqual(rows(there).map(({ key }) => key), ["q", "r"]);
  assert.deepEqual(rows(tell(there, { type: "user.switch", message: "p" })).map(({ key }) => key), ["p"]);
});

test("messages kept over a reload come back once", () => {
  const items = [{ kind: "send", key: "m1", content: "Hello", place: "draft-1", conversation: null, created: 1 }];
  const state = told({ type: "outbox.restored", items }, { type: "outbox.restored", items }, READY);
  assert.equal(state.outbox.length, 1);
  assert.equal(rows(state)[0].message.content, "Hello");
});
