import assert from "node:assert/strict";
import { test } from "node:test";

import { C, READY, answer, delta, ended, flushed, prompt, sent, snapshot, tell, told } from "./story.mjs";

const { chosen, toggled } = await import("chat/comparing");
const { draftOf } = await import("chat/drafts");
const { composerMode, rows } = await import("chat/rows");

const models = ["small", "middle", "large"].map((id) => ({ id, title: id }));
const THREE = { ...READY, models };
const DOWN = { type: "socket.closed", attempt: 0, retryAt: 2000 };
const COMPARE = { type: "user.compare", key: "m1", content: "Hello", models: ["small", "large"], answers: ["a2"] };
const accepted = (key, answer, generation) => ({
  type: "message.accepted", command_id: `${key === "m1" ? "send" : "create"}:${key}`, conversation: C, message: "m1", answer, generation, duplicate: false,
});
const created = (generation, message, model) => ({
  type: "generation.created", conversation: C, generation, message, parent: "m1", model, continues: null,
});
const shape = (rest) => ({ id: C, title: "T", head: "a2", model: "large", params: {}, revision: 3, compared: "m1", ...rest });
const born = [
  { type: "message.created", conversation: C, message: prompt("m1") }, created("g1", "a1", "small"),
  { type: "conversation.created", conversation: shape({ head: "a1" }) },
];
const first = [accepted("m1", "a1", "g1"), ...born];
const second = [accepted("a2", "a2", "g2"), created("g2", "a2", "large")];
const columns = (state) => rows(state).at(-1).columns;
const both = () => tell(flushed(tell(flushed(told(THREE, COMPARE)), ...first)), ...second);
const over = (id, model) => ({ ...answer(id, "m1", id, { id: `g-${id}`, status: "completed", seq: 1, finish_reason: "stop", model }), siblings: ["a1", "a2"] });

const READ = { ...snapshot([prompt("m1"), over("a2", "large")]), conversation: shape(), beside: [over("a1", "small")] };
const read = (...events) => tell(flushed(tell(told(THREE, { type: "user.open", conversation: C }))), ...events);
const KEPT = { type: "conversation.updated", conversation: shape({ head: "a1", compared: null, revision: 9 }) };

test("a prompt goes to the first model, and its question to the others once it is known", () => {
  const [state, commands] = sent(told(THREE, COMPARE));
  assert.deepEqual(columns(state).map(({ model }) => model), ["small", "large"]);
  assert.deepEqual(commands.filter(({ command_id }) => /^(send|create)/.test(command_id)).map(({ type, model, compare }) => [type, model, compare]), [["message.send", "small", true]]);
  const [, next] = sent(tell(state, ...first));
  assert.deepEqual(next, [{ type: "generation.create", command_id: "create:a2", message: "m1", answer: "a2", model: "large" }]);
});

test("both are written side by side, and stopped together", () => {
  const state = tell(both(), delta("g1", 1, "One"), delta("g2", 1, "Two"));
  assert.deepEqual(rows(state).map(({ key }) => key), ["m1", "columns-m1"]);
  assert.deepEqual(columns(state).map(({ key, live, model }) => [key, live.content, model]), [["a1", "One", "small"], ["a2", "Two", "large"]]);
  const [, commands] = sent(tell(state, { type: "user.stop" }));
  assert.deepEqual(commands.map(({ type, generation }) => [type, generation]), [["generation.cancel", "g1"], ["generation.cancel", "g2"]]);
});

test("a drop between the two loses neither", () => {
  const state = tell(flushed(tell(flushed(told(THREE, COMPARE)), ...first)), DOWN, THREE);
  assert.deepEqual(columns(state).map(({ key }) => key), ["a1", "a2"]);
  assert.equal(sent(state)[1].at(-1).answer, "a2");
});

test("nothing is kept while one of them is still to be asked for", () => {
  assert.deepEqual(columns(tell(flushed(told(THREE, COMPARE)), ...first)).map(({ keepable }) => keepable), [false, false]);
  assert.deepEqual(columns(both()).map(({ keepable }) => keepable), [true, true]);
});

test("the one that is kept is the end of the branch, the others its versions", () => {
  const done = tell(both(), ended("g1", 1), ended("g2", 1));
  const [state, commands] = sent(tell(done, { type: "user.keep", answer: "a1", model: "small", id: "r1" }));
  assert.deepEqual(commands.map(({ command_id, ...rest }) => rest), [{ type: "conversation.update", conversation: C, head: "a1", compared: null, model: "small" }]);
  assert.deepEqual(rows(state).map(({ key, versions }) => [key, versions]), [["m1", ["m1"]], ["a1", ["a1", "a2"]]]);
  const other = tell(state, { type: "conversation.updated", conversation: shape({ title: "Named meanwhile" }) });
  assert.deepEqual(rows(other).map(({ key }) => key), ["m1", "a1"]);
  assert.deepEqual(rows(tell(other, KEPT, { type: "done", command_id: "ask:r1" })).map(({ key }) => key), ["m1", "a1"]);
});

test("another version that is chosen after one was kept takes nothing of that back", () => {
  const kept = tell(read(READ), DOWN, { type: "user.keep", answer: "a1", model: "small", id: "r1" }, { type: "user.switch", message: "a2", id: "r2" });
  assert.deepEqual(rows(kept).map(({ key, versions }) => [key, versions]), [["m1", ["m1"]], ["a2", ["a1", "a2"]]]);
  const [state, commands] = sent(tell(kept, THREE));
  assert.deepEqual(commands.filter(({ type }) => type === "conversation.update").map(({ head }) => head), ["a1"]);
  assert.equal(sent(tell(state, { type: "done", command_id: "ask:r1" }))[1][0].head, "a2");
});

test("one that could not be kept is said to be, and they are beside each other again", () => {
  const kept = flushed(tell(read(READ), { type: "user.keep", answer: "a1", model: "small", id: "r1" }));
  const state = tell(kept, { type: "error", command_id: "ask:r1", code: "invalid", field: "model", detail: "" });
  assert.deepEqual(columns(state).map(({ key }) => key), ["a1", "a2"]);
  assert.equal(state.notice.kind, "refused");
});

test("whoever goes on without choosing goes on from the last", () => {
  const done = tell(both(), ended("g1", 1), ended("g2", 1), { type: "user.send", key: "m2", content: "And?" });
  assert.deepEqual(rows(done).map(({ key }) => key), ["m1", "a2", "m2", "answer-m2"]);
});

test("after a reload, and in another browser, they are beside each other at once", () => {
  const state = read(READ);
  assert.deepEqual(columns(state).map(({ key, model }) => [key, model]), [["a1", "small"], ["a2", "large"]]);
  assert.deepEqual(sent(state)[1], []);
});

test("another tab shows each of them as it begins", () => {
  const tab = tell(read(snapshot([prompt("p")])), ...born.map((event) => event.message?.id === "m1" ? { ...event, message: prompt("m1", "p") } : event));
  assert.deepEqual(columns(tab).map(({ key }) => key), ["a1"]);
  const state = tell(tab, created("g2", "a2", "large"), { type: "conversation.updated", conversation: shape() }, delta("g1", 1, "One"), delta("g2", 1, "Two"));
  assert.deepEqual(columns(state).map(({ key, live, keepable }) => [key, live.content, keepable]), [["a1", "One", true], ["a2", "Two", true]]);
});

test("one that is kept elsewhere is kept here", () => {
  assert.deepEqual(rows(tell(read(READ), KEPT)).map(({ key, versions }) => [key, versions]), [["m1", ["m1"]], ["a1", ["a1", "a2"]]]);
});

test("what was compared stays so on its branch alone", () => {
  const state = tell(read(READ), { type: "message.created", conversation: C, message: prompt("m2", "a1") });
  assert.deepEqual(rows(state).map(({ key }) => key), ["m1", "a1", "m2"]);
});

test("what was not sent comes back whole, and nothing stays behind", () => {
  const stopped = tell(told(COMPARE), { type: "user.stop" });
  assert.deepEqual(stopped.outbox, []);
  assert.equal(draftOf(stopped), "Hello");
  const refused = tell(flushed(told(THREE, COMPARE)), { type: "error", command_id: "send:m1", code: "too_long", detail: "" });
  assert.equal(composerMode(refused), "send");
  assert.deepEqual(tell(refused, { type: "user.discard", key: "m1" }).outbox, []);
  const conflict = tell(flushed(told(THREE, COMPARE)), { type: "error", command_id: "send:m1", code: "conflict", detail: "" });
  const again = tell(conflict, { type: "user.retry", key: "m1", fresh: "m9" });
  assert.deepEqual(again.outbox.map(({ key, message }) => [key, message]), [["m9", undefined], ["a2", "m9"]]);
  assert.deepEqual(columns(again).map(({ model }) => model), ["small", "large"]);
});

test("two to four models are chosen, of those that can be had", () => {
  assert.deepEqual(toggled(["a"], "a"), []);
  assert.deepEqual(toggled(["a", "b", "c", "d"], "e"), ["a", "b", "c", "d"]);
  const state = told({ ...THREE, models: [models[0], { ...models[1], available: false }, models[2]] }, { type: "user.comparing", models: ["small", "middle", "large"] });
  assert.deepEqual(chosen(state), ["small", "large"]);
  assert.deepEqual(chosen(tell(state, { type: "user.comparing", models: ["small", "middle"] })), []);
});
