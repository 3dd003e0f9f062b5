import assert from "node:assert/strict";
import { test } from "node:test";

import { C, READY, answer, flushed, prompt, sent, snapshot, tell, told } from "./story.mjs";

const { rows } = await import("chat/rows");
const { isRatable, pressed } = await import("chat/ratings");

const DOWN = { type: "socket.closed", attempt: 0, retryAt: 2000 };
const GENERATION = { id: "g", status: "completed", seq: 1, finish_reason: "stop" };
const stored = (rating) => ({ ...answer("a", "p", "Hello", GENERATION), siblings: ["a"], ...(rating && { rating }) });
const read = (rating) => tell(flushed(told(READY, { type: "user.open", conversation: C })), snapshot([prompt("p"), stored(rating)]));
const RATE = { type: "user.rate", id: "r1", message: "a", rating: "down" };
const shown = (state) => rows(state).at(-1).rating?.rating ?? null;

test("a rating is shown at once and sent, with its reason once there is one", () => {
  const [state, commands] = sent(tell(read(), RATE));
  assert.equal(shown(state), "down");
  assert.deepEqual(commands, [{ type: "message.rate", command_id: "ask:r1", message: "a", rating: "down" }]);
  const [, why] = sent(tell(state, { ...RATE, id: "r2", reason: "style", comment: "Dull" }));
  assert.deepEqual(why, [{ type: "message.rate", command_id: "ask:r2", message: "a", rating: "down", reason: "style", comment: "Dull" }]);
});

test("a rating given while there is no connection is sent when there is one", () => {
  const state = tell(read(), DOWN, RATE);
  assert.deepEqual(sent(state)[1], []);
  assert.equal(shown(state), "down");
  assert.ok(sent(tell(state, READY))[1].some(({ type }) => type === "message.rate"));
});

test("what another tab rated or took back is shown", () => {
  const rated = tell(read(), { type: "message.rated", conversation: C, message: "a", rating: { rating: "up", reason: null, comment: "" } });
  assert.equal(shown(rated), "up");
  assert.equal(shown(tell(rated, { type: "message.rated", conversation: C, message: "a", rating: null })), null);
});

test("a rating taken back while the page was away is gone", () => {
  const state = read({ rating: "up", reason: null, comment: "" });
  assert.equal(shown(state), "up");
  assert.equal(shown(tell(state, snapshot([prompt("p"), stored()]))), null);
});

test("pressing again takes back", () => {
  assert.equal(pressed(null, "up"), "up");
  assert.equal(pressed({ rating: "down" }, "up"), "up");
  assert.equal(pressed({ rating: "up" }, "up"), null);
  const taken = tell(read({ rating: "up" }), { ...RATE, rating: null });
  assert.equal(shown(taken), null);
  assert.deepEqual(sent(taken)[1].at(-1), { type: "message.rate", command_id: "ask:r1", message: "a", rating: null });
});

test("a rating that is refused is not shown, and that is told", () => {
  const state = tell(flushed(tell(read(), RATE)), { type: "error", command_id: "ask:r1", code: "not_found", detail: "" });
  assert.equal(shown(state), null);
  assert.equal(rows(state).at(-1).unrated, true);
});

test("an answer without a word has no thumbs, unless they were pressed before", () => {
  assert.equal(isRatable({ message: { content: "", reasoning: "" }, rating: null }), false);
  assert.equal(isRatable({ message: { content: "", reasoning: "Hm" }, rating: null }), true);
  assert.equal(isRatable({ message: { content: "" }, rating: { rating: "down" } }), true);
});
