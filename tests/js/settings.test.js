import assert from "node:assert/strict";
import { test } from "node:test";

import { C, READY, answering, delta, ended, flushed, sent, snapshot, prompt, tell, told } from "./story.mjs";

const { readField, textOf, withField } = await import("chat/parameters");
const { presetInUse, presetsOf, problemOf } = await import("chat/presets");
const { refusalOf } = await import("chat/requests");
const { currentModel, paramsOf } = await import("chat/settings");

const TWO = { ...READY, models: [{ id: "small", title: "Small" }, { id: "large", title: "Large" }] };
const DOWN = { type: "socket.closed", attempt: 0, retryAt: 2000 };
const SEND = { type: "user.send", key: "m1", content: "Hello" };
const open = (params = {}) => {
  const { conversation, ...rest } = snapshot([prompt("p")]);
  const inside = flushed(told(TWO, { type: "user.open", conversation: C }));
  return tell(inside, { ...rest, conversation: { ...conversation, params } });
};
const PARAMS = (params, id = "r1") => ({ type: "user.params", params, id });
const asking = (state) => sent(state)[1].filter(({ command_id }) => command_id?.startsWith("ask:"));
const accepted = { type: "message.accepted", command_id: "send:m1", conversation: C, message: "m1", answer: "a1", generation: "g1", duplicate: false };

test("the next conversation takes what was set for it along, and the one after it begins with nothing", () => {
  const set = told(TWO, PARAMS({ temperature: 0.5 }), { type: "user.model", model: "large", id: "r2" });
  assert.deepEqual(asking(set), []);
  const [state, commands] = sent(tell(set, SEND));
  const { model, params } = commands.at(-1);
  assert.deepEqual([model, params], ["large", { temperature: 0.5 }]);
  assert.deepEqual(paramsOf(state), { temperature: 0.5 });
  const next = tell(state, { type: "user.new", draft: "draft-2" });
  assert.deepEqual(paramsOf(next), {});
  assert.equal(currentModel(next).id, "large");
});

test("a first prompt that is taken back gives back what was set for it", () => {
  const state = tell(told(PARAMS({ top_p: 0.5 }), SEND), { type: "user.stop" });
  assert.deepEqual(paramsOf(state), { top_p: 0.5 });
});

test("what is changed in a conversation is shown at once, sent, and sent again after a drop", () => {
  const changed = tell(open({ top_p: 1 }), PARAMS({ top_p: 0.5 }));
  assert.deepEqual(paramsOf(changed), { top_p: 0.5 });
  const update = { type: "conversation.update", command_id: "ask:r1", conversation: C, params: { top_p: 0.5 } };
  const [state, commands] = sent(changed);
  assert.deepEqual(commands, [update]);
  assert.deepEqual(sent(state)[1], []);
  assert.deepEqual(asking(tell(state, DOWN, TWO)), [update]);
});

test("what was changed twice is sent as it is now, and an old reply confirms nothing", () => {
  const first = flushed(tell(open(), PARAMS({ top_p: 0.5 })));
  const [state, commands] = sent(tell(first, PARAMS({ top_p: 0.6 }, "r2")));
  assert.deepEqual(commands.map(({ params }) => params), [{ top_p: 0.6 }]);
  const old = tell(state, { type: "done", command_id: "ask:r1" });
  assert.deepEqual(paramsOf(old), { top_p: 0.6 });
  assert.deepEqual(Object.keys(tell(old, { type: "done", command_id: "ask:r2" }).requests), []);
});

test("a prompt waits until what shapes its answer is stored", () => {
  const asked = flushed(tell(open(), { type: "user.model", model: "large", id: "r1" }));
  const prompted = tell(asked, SEND);
  assert.deepEqual(sent(prompted)[1], []);
  const [, commands] = sent(tell(prompted, { type: "done", command_id: "ask:r1" }));
  assert.deepEqual(commands.map(({ type }) => type), ["message.send"]);
});

test("what is changed after the first prompt is asked of the conversation that it becomes", () => {
  const changed = tell(flushed(told(TWO, SEND)), PARAMS({ top_p: 0.5 }));
  assert.deepEqual(asking(changed), []);
  assert.deepEqual(paramsOf(changed), { top_p: 0.5 });
  const state = tell(changed, accepted);
  assert.deepEqual(paramsOf(state), { top_p: 0.5 });
  assert.deepEqual(asking(state).map(({ conversation }) => conversation), [C]);
});

test("what was refused is not shown, says where it was wrong, and is not asked again", () => {
  const refused = { type: "error", command_id: "ask:r1", code: "invalid", field: "params.top_p", detail: "" };
  const state = tell(flushed(tell(open({ top_p: 1 }), PARAMS({ top_p: 3 }))), refused);
  assert.deepEqual(paramsOf(state), { top_p: 1 });
  assert.deepEqual(refusalOf(state, `params:${C}`), { code: "invalid", field: "params.top_p" });
  assert.deepEqual(asking(tell(state, DOWN, TWO)), []);
  const later = tell(flushed(tell(state, PARAMS({ top_p: 0.2 }, "r2"))), { ...refused, command_id: "ask:r2", code: "unavailable" });
  assert.deepEqual(paramsOf(later), { top_p: 0.2 });
  assert.deepEqual(sent(later, 60_000)[1].map(({ command_id }) => command_id), ["ask:r2"]);
});

test("a model that is refused is not chosen any more, and that is said", () => {
  const asked = flushed(tell(open(), { type: "user.model", model: "large", id: "r1" }));
  assert.equal(currentModel(asked).id, "large");
  const state = tell(asked, { type: "error", command_id: "ask:r1", code: "invalid", field: "model", detail: "" });
  assert.equal(currentModel(state).id, "small");
  assert.deepEqual(state.notice, { key: "r1", kind: "refused", what: "model", refusal: { code: "invalid", field: "model" } });
});

test("what the browser kept is asked for again, but nothing older than what is asked for now", () => {
  const kept = { type: "kept.found", requests: [{ subject: `params:${C}`, id: "old", command: { type: "conversation.update", conversation: C, params: { top_p: 0.1 } } }] };
  assert.deepEqual(asking(tell(open(), kept)).map(({ command_id }) => command_id), ["ask:old"]);
  assert.deepEqual(paramsOf(tell(open(), PARAMS({ top_p: 0.2 }), kept)), { top_p: 0.2 });
});

test("each conversation keeps its model, and choosing there changes no other", () => {
  const chosen = tell(open(), { type: "user.model", model: "large", id: "r1" });
  assert.equal(currentModel(chosen).id, "large");
  assert.equal(currentModel(tell(chosen, { type: "user.new", draft: "draft-2" })).id, "small");
});

test("a field reads what is written, and tells what it cannot be", () => {
  const good = [
    ["temperature", "0,7", 0.7], ["temperature", " 2 ", 2], ["top_p", "1", 1], ["max_tokens", "1000000", 1_000_000],
    ["system_prompt", " Be brief. ", " Be brief. "], ["stop", "END\n\n\\n\\nQ:", ["END", "\n\nQ:"]], ["stop", "a\\\\nb", ["a\\nb"]], ["stop", " ", [" "]],
  ];
  for (const [name, text, value] of good) assert.deepEqual(readField(name, text), { value }, text);
  const bad = [
    ["temperature", "2.1"], ["temperature", "-0.1"], ["temperature", "warm"], ["top_p", "0"], ["top_p", "1.01"], ["max_tokens", "0"],
    ["max_tokens", "1.5"], ["max_tokens", "1000001"], ["system_prompt", "x".repeat(32_001)], ["stop", "a\nb\nc\nd\ne"], ["stop", "x".repeat(201)],
  ];
  for (const [name, text] of bad) assert.deepEqual(readField(name, text), { problem: "range" }, text.slice(0, 9));
  for (const name of ["temperature", "stop", "system_prompt"]) assert.deepEqual(readField(name, ""), { value: undefined });
});

test("a value is written so that it is read back as it was", () => {
  for (const stop of [["END"], ["\n\n", "\\n", "a\tb"], [" "]]) assert.deepEqual(readField("stop", textOf("stop", stop)), { value: stop });
  assert.deepEqual(withField(withField({ top_p: 1 }, "temperature", 0), "top_p", undefined), { temperature: 0 });
});

const SAVED = { id: "s1", name: "Brief", model: "large", params: { max_tokens: 50 } };
const listed = { type: "preset.listed", command_id: "presets:all", presets: [SAVED] };

test("presets are asked for when they are to be seen, and again after a drop", () => {
  const [state, commands] = sent(tell(open(), { type: "user.presets" }));
  assert.deepEqual(commands, [{ type: "preset.list", command_id: "presets:all" }]);
  assert.deepEqual(presetsOf(tell(state, listed)), [SAVED]);
  assert.ok(sent(tell(state, listed, DOWN, TWO))[1].some(({ type }) => type === "preset.list"));
});

test("a preset that is used sets model and parameters, and is known by them", () => {
  const used = tell(open(), listed, { type: "user.usePreset", preset: "s1", id: "r1", modelId: "r2" });
  assert.deepEqual([paramsOf(used), currentModel(used).id], [{ max_tokens: 50 }, "large"]);
  assert.equal(presetInUse(used).id, "s1");
  assert.equal(presetInUse(tell(used, PARAMS({ max_tokens: 51 }, "r3"))), null);
});

test("presets are saved, renamed and deleted at once, and one that is refused is not there", () => {
  const saved = tell(open({ top_p: 0.5 }), listed, { type: "user.savePreset", preset: "s2", name: "  A  name ", id: "r1" });
  assert.deepEqual(presetsOf(saved).map(({ name }) => name), ["A name", "Brief"]);
  assert.deepEqual(asking(saved), [
    { type: "preset.save", command_id: "ask:r1", preset: "s2", name: "A name", model: "small", params: { top_p: 0.5 } },
  ]);
  const renamed = tell(saved, { type: "user.renamePreset", preset: "s1", name: "Short", id: "r2" });
  assert.deepEqual(presetsOf(renamed).map(({ name }) => name), ["A name", "Short"]);
  assert.deepEqual(presetsOf(tell(renamed, { type: "user.deletePreset", preset: "s1", id: "r3" })).map(({ name }) => name), ["A name"]);
  const refused = tell(flushed(saved), { type: "error", command_id: "ask:r1", code: "conflict", field: "name", detail: "" });
  assert.deepEqual(presetsOf(refused), [SAVED]);
  const told = tell(saved, { type: "preset.saved", preset: { ...SAVED, id: "s2", name: "A name" } }, { type: "preset.deleted", preset: "s1" });
  assert.deepEqual(presetsOf(told).map(({ id }) => id), ["s2"]);
});

test("a preset has a name of its own", () => {
  const state = tell(open(), listed);
  assert.equal(problemOf(state, "  "), "empty");
  assert.equal(problemOf(state, "x".repeat(81)), "long");
  assert.equal(problemOf(state, " Brief "), "taken");
  assert.equal(problemOf(state, "Brief", "s1"), null);
});

test("the parameters of an answer that is written here are known", () => {
  const created = { type: "generation.created", conversation: C, generation: "g", message: "a", parent: "p", model: "small", params: { top_p: 0.5 }, continues: null };
  const state = tell(open(), created, delta("g", 1, "Hi"), ended("g", 2));
  assert.deepEqual(state.threads[C].messages.a.generation.params, { top_p: 0.5 });
  assert.ok(answering().threads[C].messages.a);
});
