/** What is said about an answer while it is read: its reasoning, its colours, what is new below. */

import assert from "node:assert/strict";
import { test } from "node:test";

import "./modules.mjs";
import { C, answering, delta, ended, tell } from "./story.mjs";

const { thinkingOf, ticks } = await import("chat/answer-words");
const { keyOf, linesOf } = await import("chat/colours");
const { newsOf, standingOf } = await import("chat/news");
const { rows } = await import("chat/rows");
const { words } = await import("chat/words");

const last = (state) => rows(state).at(-1);
const at = (time, event) => ({ ...event, at: time });
const thought = (state, now) => thinkingOf(last(state), now);

test("reasoning is timed while it comes, and by the server's clock in the end", () => {
  let state = answering(at(5000, delta("g", 1, "Hm", "reasoning")), at(7000, delta("g", 2, ", well", "reasoning")));
  assert.deepEqual(thought(state, 8000), { text: "Hm, well", thinking: true, ms: 3000 });
  assert.ok(ticks(last(state)));
  state = tell(state, at(9000, delta("g", 3, "So")), at(12000, delta("g", 4, " it is")));
  assert.deepEqual(thought(state, 20000), { text: "Hm, well", thinking: false, ms: 4000 });
  assert.ok(!ticks(last(state)));
  state = tell(state, ended("g", 5, "completed", { timing: { reasoning_ms: 100, content_ms: 4600, total_ms: 9000 } }));
  assert.deepEqual(thought(state, 20000), { text: "Hm, well", thinking: false, ms: 4500 });
});

test("of reasoning that gave no answer the end is the end", () => {
  const state = answering(delta("g", 1, "Hm", "reasoning"), ended("g", 2, "completed", { timing: { reasoning_ms: 100, content_ms: null, total_ms: 2100 } }));
  assert.equal(thought(state, 0).ms, 2000);
});

test("a page that came later does not know how long it took", () => {
  const text = { type: "generation.snapshot", generation: "g", message: "a", seq: 4, content: "", reasoning: "Hm" };
  const state = answering(text, at(9000, delta("g", 5, " so", "reasoning")));
  assert.deepEqual(thought(state, 10000), { text: "Hm so", thinking: true, ms: null });
});

test("the time of thinking is said to the second", () => {
  assert.equal(words.thinkingFor(null), "Thinking…");
  assert.equal(words.thinkingFor(400), "Thinking for 1 s…");
  assert.equal(words.thoughtFor(12_300), "Thought for 12 s");
  assert.equal(words.thoughtFor(125_000), "Thought for 2 min 5 s");
  assert.equal(words.thoughtFor(null), "Thoughts");
});

test("what is new below is told from when the reader left", () => {
  const left = answering(delta("g", 1, "One"));
  const standing = standingOf(last(left));
  const news = (state) => newsOf(standing, standingOf(last(state)));
  assert.equal(news(left), "none");
  const more = tell(left, delta("g", 2, " two"));
  assert.equal(news(more), "more");
  const over = tell(more, ended("g", 3));
  assert.equal(news(over), "finished");
  const prompt = { id: "p2", parent: "a", role: "user", content: "And?", created_at: "2026-11-01T00:00:02Z" };
  const asked = tell(over, { type: "message.created", conversation: C, message: prompt });
  assert.equal(news(asked), "message");
  assert.equal(newsOf(standing, undefined), "none");
  assert.notEqual(words.jump("more"), words.jump("none"));
});

test("colours keep the code, in lines that are compared", () => {
  const html = '<span class="hljs-string">&quot;a\n<span class="hljs-subst">b &lt; &amp;</span>&quot;</span>;\n';
  const lines = linesOf(html);
  assert.equal(lines.flat().map(({ text }) => text).join(""), '"a\nb < &";\n');
  assert.deepEqual(lines[1][0], { classes: ["hljs-string", "hljs-subst"], text: "b < &" });
  assert.equal(lines.length, 3);
  const grown = linesOf(`${html}<span class="hljs-number">1</span>`);
  assert.deepEqual(grown.map(keyOf).slice(0, 2), lines.map(keyOf).slice(0, 2));
  assert.notEqual(keyOf(grown[2]), keyOf(lines[2]));
});
