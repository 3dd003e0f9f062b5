import assert from "node:assert/strict";
import { test } from "node:test";

import { C, READY, answer, answering, created, delta, ended, flushed, prompt, sent, snapshot, tell, textOf, told } from "./story.mjs";

test("deltas grow the text in order", () => {
  const state = answering(delta("g", 1, "Good "), delta("g", 2, "day"));
  assert.equal(textOf(state, "a"), "Good day");
});

test("a delta that was already seen is dropped", () => {
  const state = answering(delta("g", 1, "Good "), delta("g", 1, "Good "), delta("g", 2, "day"), delta("g", 1, "Good "));
  assert.equal(textOf(state, "a"), "Good day");
});

test("a hole is not papered over: the page asks for a snapshot with its last revision, once", () => {
  const holed = answering(delta("g", 1, "Good "), delta("g", 3, "!"));
  assert.equal(textOf(holed, "a"), "Good ");
  const [asked, commands] = sent(holed);
  assert.deepEqual(commands.filter(({ type }) => type === "conversation.subscribe"), [
    { type: "conversation.subscribe", command_id: `subscribe:${C}`, conversation: C, revision: 5 },
  ]);
  const [, again] = sent(tell(asked, delta("g", 4, "?")));
  assert.deepEqual(again, []);
});

test("the snapshot after a hole replaces the text, and later deltas continue from it", () => {
  const asked = flushed(answering(delta("g", 1, "Good "), delta("g", 3, "!")));
  const live = { id: "g", message: "a", status: "in_progress", seq: 3, content: "Good day!", reasoning: "" };
  const state = tell(asked, snapshot([], { head: "a", revision: 6, generations: [live] }), delta("g", 3, "!"), delta("g", 4, " Yes."));
  assert.equal(textOf(state, "a"), "Good day! Yes.");
});

test("a snapshot that is behind what the page has takes nothing back", () => {
  const live = { id: "g", message: "a", status: "in_progress", seq: 1, content: "Good ", reasoning: "" };
  const state = answering(delta("g", 1, "Good "), delta("g", 2, "day"), snapshot([], { head: "a", generations: [live] }), delta("g", 3, "!"));
  assert.equal(textOf(state, "a"), "Good day!");
});

test("generation.snapshot replaces the text", () => {
  const event = { type: "generation.snapshot", generation: "g", message: "a", status: "in_progress", seq: 7, content: "New", reasoning: "Hm" };
  const state = answering(delta("g", 1, "Old"), event, delta("g", 8, "er"));
  assert.equal(textOf(state, "a"), "Newer");
  assert.equal(state.live.g.reasoning, "Hm");
});

test("the whole text of an ended generation is ended by the terminal event after it", () => {
  const event = { type: "generation.snapshot", generation: "g", message: "a", status: "completed", seq: 7, content: "All", reasoning: "" };
  const state = answering(event, ended("g", 8));
  assert.deepEqual(state.live, {});
  assert.equal(textOf(state, "a"), "All");
  assert.deepEqual(sent(state)[1], []);
});

test("the end moves the text into the message, once", () => {
  const state = answering(delta("g", 1, "Hm", "reasoning"), delta("g", 2, "Done"), ended("g", 3), ended("g", 3, "failed"), delta("g", 4, "?"));
  const message = state.threads[C].messages.a;
  assert.deepEqual(state.live, {});
  assert.equal(message.content, "Done");
  assert.equal(message.reasoning, "Hm");
  assert.equal(message.generation.status, "completed");
  assert.equal(message.generation.finish_reason, "stop");
});

test("an end after a hole waits for the snapshot that has the whole text", () => {
  const holed = answering(delta("g", 1, "Good "), ended("g", 3));
  const [asked, commands] = sent(holed);
  assert.equal(commands[0].type, "conversation.subscribe");
  const whole = answer("a", "p", "Good day", { id: "g", status: "completed", seq: 3, finish_reason: "stop" });
  const state = tell(asked, snapshot([whole], { head: "a" }));
  assert.deepEqual(state.live, {});
  assert.equal(textOf(state, "a"), "Good day");
});

test("a late snapshot does not bring an ended answer back to life", () => {
  const live = { id: "g", message: "a", status: "in_progress", seq: 1, content: "Do", reasoning: "" };
  const older = answer("a", "p", "", { id: "g", status: "in_progress", seq: 1 });
  const state = answering(delta("g", 1, "Done"), ended("g", 2), snapshot([older], { head: "a", generations: [live] }));
  assert.deepEqual(state.live, {});
  assert.equal(textOf(state, "a"), "Done");
});

test("continuing adds to the text that is there", () => {
  const stopped = answering(delta("g", 1, "One, "), ended("g", 2, "cancelled"));
  const state = tell(stopped, { ...created("g2", "a", "p"), continues: "g" }, delta("g2", 1, "two"));
  assert.equal(textOf(state, "a"), "One, two");
  assert.equal(textOf(tell(state, ended("g2", 2)), "a"), "One, two");
});

test("an answer keeps that somebody of the staff stopped it, and its continuation does not", () => {
  const stopped = answering(delta("g", 1, "One, "), { ...ended("g", 2, "cancelled"), by_staff: true });
  assert.equal(stopped.threads[C].messages.a.generation.by_staff, true);
  const more = tell(stopped, { ...created("g2", "a", "p"), continues: "g" }, delta("g2", 1, "two"), ended("g2", 2, "cancelled"));
  assert.equal(more.threads[C].messages.a.generation.by_staff, undefined);
});

test("after a drop the open conversation is asked for with the last revision", () => {
  const down = answering({ type: "socket.closed", attempt: 0, retryAt: 2000 });
  assert.deepEqual(sent(down)[1], []);
  const [, commands] = sent(tell(down, READY));
  assert.deepEqual(commands, [
    { type: "conversation.subscribe", command_id: `subscribe:${C}`, conversation: C, revision: 5 },
    { type: "conversation.list", command_id: "list:first" },
  ]);
});

test("a conversation left while it is answering stays watched until the end", () => {
  const left = tell(answering(delta("g", 1, "x")), { type: "user.new", draft: "draft-2" });
  assert.deepEqual(sent(left)[1].map(({ type }) => type), []);
  const over = tell(left, ended("g", 2));
  assert.deepEqual(sent(over)[1], [{ type: "conversation.unsubscribe", conversation: C }]);
});

test("a queued answer knows its place until it starts", () => {
  const queued = answering({ type: "generation.queued", generation: "g", position: 3 });
  assert.equal(queued.live.g.position, 3);
  assert.equal(tell(queued, { type: "generation.started", generation: "g" }).live.g.position, null);
});

test("a retry counts from the moment it was heard", () => {
  const state = answering({ type: "generation.retrying", generation: "g", attempt: 1, delay_ms: 4000, code: "provider_rate_limited" });
  assert.equal(state.live.g.retry.at, 5000);
  assert.equal(tell(state, delta("g", 1, "x")).live.g.retry, null);
});

test("a new prompt of another tab moves the branch on", () => {
  const done = answering(ended("g", 1));
  const state = tell(done, { type: "message.created", conversation: C, message: prompt("p2", "a") }, created("g2", "a2", "p2"));
  assert.equal(state.threads[C].head, "a2");
});

test("a conversation that is not there says so and is not asked for again", () => {
  const asked = flushed(told(READY, { type: "user.open", conversation: C }));
  const state = tell(asked, { type: "error", command_id: `subscribe:${C}`, code: "not_found", detail: "" });
  assert.equal(state.threads[C].missing, true);
  assert.deepEqual(sent(state)[1], []);
});

test("a subscription the server could not serve is tried again later, not at once", () => {
  const asked = flushed(told(READY, { type: "user.open", conversation: C }));
  const state = tell(asked, { type: "error", command_id: `subscribe:${C}`, code: "unavailable", detail: "" });
  assert.deepEqual(sent(state, 1001)[1], []);
  assert.equal(sent(state, 60_000)[1][0].type, "conversation.subscribe");
});

test("what was left out of the context is known while the answer is written and after its end", () => {
  const started = answering({ type: "generation.started", generation: "g", omitted: 2 });
  assert.equal(started.live.g.omitted, 2);
  const live = { id: "g", message: "a", status: "in_progress", seq: 1, content: "x", reasoning: "" };
  const reloaded = tell(started, snapshot([], { head: "a", generations: [live] }));
  assert.equal(reloaded.live.g.omitted, 2);
  assert.equal(tell(reloaded, ended("g", 2)).threads[C].messages.a.generation.omitted, 2);
});

test("what a snapshot says was left out outlives the end", () => {
  const going = answer("a", "p", "", { id: "g", status: "in_progress", seq: 1, omitted: 4 });
  const live = { id: "g", message: "a", status: "in_progress", seq: 1, content: "x", reasoning: "" };
  const asked = flushed(told(READY, { type: "user.open", conversation: C }));
  const state = tell(asked, snapshot([prompt("p"), going], { head: "a", generations: [live] }), ended("g", 2));
  assert.equal(state.threads[C].messages.a.generation.omitted, 4);
});

test("a continuation is known as one", () => {
  const stopped = answering(delta("g", 1, "One, "), ended("g", 2, "cancelled"));
  const state = tell(stopped, { ...created("g2", "a", "p"), continues: "g" }, ended("g2", 1));
  assert.equal(state.threads[C].messages.a.generation.continues, "g");
});

test("a model that refuses us is unavailable until it answers", () => {
  const of = (state) => state.models[0].available;
  const refused = answering(ended("g", 1, "failed", { code: "provider_forbidden" }));
  assert.equal(of(refused), false);
  const again = tell(refused, created("g2", "a2", "p"));
  assert.equal(of(tell(again, ended("g2", 1, "failed", { code: "provider_timeout" }))), false);
  assert.equal(of(tell(again, ended("g2", 1))), true);
});

test("a better title arrives after the first answer", () => {
  const conversation = { id: C, title: "Tides and the moon", head: "a", model: "small", params: {}, revision: 9 };
  const state = answering(ended("g", 1), { type: "conversation.updated", conversation });
  assert.equal(state.conversations[C].title, "Tides and the moon");
});
