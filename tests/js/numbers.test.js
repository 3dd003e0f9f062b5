import assert from "node:assert/strict";
import { test } from "node:test";

import "./modules.mjs";

const { detailsOf, numbersOf } = await import("chat/answer-numbers");
const { labelOf, notesOf } = await import("chat/model-words");
const { words } = await import("chat/words");

const title = () => "Small";
const plain = (text) => text.replaceAll("\u00a0", " ");
const GENERATION = {
  model: "small",
  status: "completed",
  finish_reason: "stop",
  usage: { input_tokens: 812, output_tokens: 1201, estimated: false, cost: 0.4237 },
  timing: {
    queue_ms: 3, ttft_ms: 420, reasoning_ms: 420, content_ms: 2345, total_ms: 10420, chunks: 400, chars: 4000,
    chars_per_second: 400.4, chunks_per_second: 40.04, avg_chunk_chars: 9.96, gap_p50_ms: 25, gap_p95_ms: 1400,
  },
};
const flat = (generation) => Object.fromEntries(
  detailsOf(generation, title).flatMap(({ entries }) => entries).map(([name, value]) => [name, plain(value)]),
);

test("the line of numbers leaves out what is not known", () => {
  assert.equal(numbersOf({ model: "small" }, title), "Small");
  const usage = { output_tokens: 1201, estimated: true };
  const { ttft_ms, total_ms } = GENERATION.timing;
  const timing = { ttft_ms, total_ms, chars_per_second: 400 };
  assert.equal(numbersOf({ model: "small", usage, timing }, title), "Small · ≈ 1,201 tokens · first word after 0.4 s · 120 tokens/s");
});

test("the line of numbers says the cost when it is known", () => {
  const { usage } = GENERATION;
  assert.equal(plain(numbersOf({ model: "small", usage }, title)), "Small · 1,201 tokens · 0.42 ₽");
  assert.equal(numbersOf({ model: "small", usage: { ...usage, cost: null } }, title), "Small · 1,201 tokens");
});

test("roubles are rounded to what can be paid, and tiny amounts said to be that", () => {
  const said = (amount) => plain(words.money(amount));
  assert.equal(said(0), "0 ₽");
  assert.equal(said(0.000001), "< 0.01 ₽");
  assert.equal(said(0.0099), "< 0.01 ₽");
  assert.equal(said(0.01), "0.01 ₽");
  assert.equal(said(1.5), "1.50 ₽");
  assert.equal(said(1234.567), "1,234.57 ₽");
  assert.equal(plain(words.exactMoney(0.000823)), "0.00082 ₽");
  assert.equal(plain(words.exactMoney(0.4237)), "0.4237 ₽");
});

test("the list of numbers has them all", () => {
  assert.deepEqual(flat(GENERATION), {
    Model: "Small", "Input tokens": "812", "Output tokens": "1,201", Cost: "0.4237 ₽", Ended: "by itself",
    "In the queue": "3 ms", "First reasoning": "420 ms", "First content": "2.35 s", "First word of either": "420 ms", Total: "10.4 s",
    Chunks: "400", Characters: "4,000", "Characters/s": "400", "Chunks/s": "40", "Average chunk": "10 characters",
    "Gap, p50": "25 ms", "Gap, p95": "1.4 s",
  });
});

test("the list of numbers leaves out what is not known, and groups with nothing in them", () => {
  const bare = { model: "small", status: "cancelled", usage: null, timing: null };
  assert.deepEqual(flat(bare), { Model: "Small", Ended: "stopped by you" });
  assert.equal(detailsOf(bare, title).length, 1);
  const timing = { ...GENERATION.timing, reasoning_ms: null, gap_p50_ms: 0 };
  assert.equal(flat({ ...GENERATION, timing })["First reasoning"], undefined);
  assert.equal(flat({ ...GENERATION, timing })["Gap, p50"], "0 ms");
});

test("estimated counts say so", () => {
  const list = flat({ ...GENERATION, usage: { ...GENERATION.usage, estimated: true } });
  assert.equal(list["Output tokens"], "≈ 1,201 (estimated)");
});

test("each end has a word of its own", () => {
  const say = (status, finish_reason) => words.ending({ status, finish_reason });
  const ends = [
    say("completed", "stop"), say("completed", "length"), say("completed", "content_filter"), say("completed", "tool_calls"),
    say("cancelled", null), say("interrupted", null), say("failed", null),
  ];
  assert.equal(new Set(ends).size, ends.length);
  assert.equal(words.ending({ status: "cancelled", by_staff: true }), "stopped by an operator");
  assert.equal(say("completed", "odd"), "odd");
  assert.equal(say("completed", null), null);
});

test("a model says what it holds and costs, as far as that is known", () => {
  const model = { id: "a/small", title: "Small", context_length: 32768, input_price: 10, output_price: 20.5, available: true };
  assert.equal(plain(labelOf(model)), "Small · 32K context · 10 ₽ in, 20.5 ₽ out per 1M tokens");
  assert.equal(labelOf({ id: "a/small", title: "" }), "a/small");
  assert.equal(notesOf({ context_length: null, input_price: 10, output_price: null, available: true }), "");
  assert.equal(notesOf({ input_price: 0, output_price: 0 }), "free");
  assert.match(labelOf({ ...model, available: false }), / · unavailable now$/);
});

test("a context is as long as its maker counts", () => {
  const said = (tokens) => words.context(tokens);
  assert.equal(said(512), "512 context");
  assert.equal(said(128000), "128K context");
  assert.equal(said(131072), "128K context");
  assert.equal(said(1000000), "1M context");
  assert.equal(said(1048576), "1M context");
});
