import assert from "node:assert/strict";
import { test } from "node:test";

import "./modules.mjs";

const { actionsOf, endOf, omittedOf, statusOf } = await import("chat/answer-words");
const { words } = await import("chat/words");

const NOW = { ready: true, now: 1000 };
const over = (generation, content = "Text") => ({ message: { id: "a", content, generation }, live: null, item: null, last: true });
const going = (live) => ({ message: { id: "a", content: "" }, live: { content: "", reasoning: "", status: "in_progress", ...live }, item: null, last: true });

const FAILURES = [
  "provider_auth", "provider_forbidden", "provider_model_not_found", "provider_bad_request", "context_length_exceeded",
  "provider_rate_limited", "provider_unavailable", "provider_timeout", "provider_truncated", "provider_bad_response", "internal",
];
const REFUSALS = [
  "bad_frame", "unknown_command", "invalid", "conflict", "not_found", "too_long", "rate_limited", "too_many_generations",
  "quota_exceeded", "unavailable",
];

test("every failure and every refusal has words of its own", () => {
  const other = words.failure("never heard of");
  for (const code of FAILURES) assert.notEqual(words.failure(code), other, code);
  for (const code of REFUSALS) assert.notEqual(words.refusal({ code }), words.refusal({ code: "never heard of" }), code);
});

test("a limit of one's own says which, until when and why", () => {
  const at = new Date(2030, 0, 2, 15, 4).getTime();
  const say = (rest) => words.refusal({ code: "quota_exceeded", ...rest }).replaceAll("\u202f", " ");
  assert.equal(say({ quota: "paused" }), "You may not send for now.");
  assert.equal(
    say({ quota: "paused", reason: "Ask Bob.", until: at }),
    "You may not send until Jan 2, 3:04 PM. The reason: Ask Bob.",
  );
  assert.equal(say({ quota: "tokens_per_day", until: at }), "Your tokens for today are used up. You may send again from Jan 2, 3:04 PM.");
  assert.equal(say({ quota: "prompts_per_day", until: at }), "Your prompts for today are used up. You may send again from Jan 2, 3:04 PM.");
  const soon = new Date().setHours(23, 59, 0, 0);
  assert.equal(say({ quota: "paused", until: soon }), "You may not send until 11:59 PM.");
  assert.equal(say({ quota: "one that is new" }), "Your limit is used up for now.");
});

test("an answer says what it is doing", () => {
  const say = (live) => statusOf(going(live), NOW)?.text;
  assert.equal(say({ status: "queued", position: 2 }), "In the queue: place 2");
  assert.equal(say({}), "Waiting for the first word…");
  assert.equal(say({ startedAt: NOW.now - 1000 }), "Waiting for the first word…");
  assert.match(say({ startedAt: NOW.now - 12_000 }), /^The model may be waking up: waiting for 12\ss…$/);
  assert.equal(say({ reasoning: "Hm" }), undefined);
  assert.equal(say({ content: "Text" }), undefined);
  assert.equal(say({ content: "Text", stopping: true }), "Stopping…");
  assert.equal(say({ retry: { at: 3500, code: "provider_unavailable" } }), "The service cannot be reached. Trying again in 3 seconds");
});

test("an answer says how it ended", () => {
  const say = (generation, content) => statusOf(over(generation, content), NOW)?.text;
  assert.equal(say({ status: "completed", finish_reason: "stop" }), undefined);
  assert.equal(say({ status: "completed", finish_reason: "length" }), "Reached the length limit.");
  assert.equal(say({ status: "completed", finish_reason: "odd" }), "Ended by the model: odd.");
  assert.match(say({ status: "completed", finish_reason: "length" }, ""), /before the first word/);
  assert.equal(say({ status: "cancelled" }), "You stopped this answer.");
  assert.equal(say({ status: "cancelled", by_staff: true }), "An operator stopped this answer.");
  assert.match(say({ status: "interrupted" }), /interrupted/);
  assert.equal(say({ status: "failed", code: "provider_timeout" }), "The model did not answer in time.");
});

test("each end offers what helps", () => {
  const offer = (generation, content) => actionsOf(over(generation, content)).join(" ");
  assert.equal(offer({ status: "completed", finish_reason: "stop" }), "copy regenerate");
  assert.equal(offer({ status: "completed", finish_reason: "length" }), "continue copy regenerate");
  assert.equal(offer({ status: "failed", code: "internal" }, ""), "retry");
  assert.equal(offer({ status: "failed", code: "internal" }), "continue retry copy");
  assert.equal(offer({ status: "interrupted" }), "continue copy regenerate");
  assert.equal(offer({ status: "cancelled" }, ""), "retry");
  assert.deepEqual(actionsOf(going({})), []);
});

test("an answer of thoughts alone is named, and offers another try", () => {
  const thought = (finish_reason) => {
    const row = over({ status: "completed", finish_reason }, "");
    return { ...row, message: { ...row.message, reasoning: "Hm" } };
  };
  assert.equal(statusOf(thought("stop"), NOW).text, "The model only thought and gave no answer.");
  assert.match(statusOf(thought("length"), NOW).text, /only thought and gave no answer: it ran out of tokens while thinking/);
  assert.deepEqual(actionsOf(thought("stop")), ["retry"]);
  assert.deepEqual(actionsOf(thought("length")), ["retry"]);
  assert.equal(endOf(thought("stop").message).text, statusOf(thought("stop"), NOW).text);
  assert.deepEqual(actionsOf(over({ status: "completed", finish_reason: "stop" }, "")), ["retry"]);
});

test("stop, length and cancel are told apart", () => {
  const end = (status, finish_reason) => statusOf(over({ status, finish_reason }), NOW)?.text ?? null;
  const said = [end("completed", "stop"), end("completed", "length"), end("cancelled", null)];
  assert.equal(new Set(said).size, 3);
  assert.equal(said[0], null);
});

test("what was left out is told, while it is written and after", () => {
  assert.equal(words.omitted(1), "The oldest message did not fit the model's context and was left out.");
  assert.equal(words.omitted(2), "The 2 oldest messages did not fit the model's context and were left out.");
  assert.equal(omittedOf(going({ omitted: 3 })), 3);
  assert.equal(omittedOf(over({ status: "completed", omitted: 2 })), 2);
  assert.equal(omittedOf(over({ status: "completed" })), 0);
  assert.equal(omittedOf({ message: { id: "a", content: "" }, live: null }), 0);
});
