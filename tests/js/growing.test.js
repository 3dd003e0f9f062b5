/** A text shown as it grows: what is settled stays, and the end is what the whole text gives at once. */

import assert from "node:assert/strict";
import { test } from "node:test";

import "./modules.mjs";
import { CORPUS, DEFINED_LATER } from "./corpus.mjs";

const { BlockReader, blocksOf } = await import("chat/markdown");

const shown = ({ type, html, code, language }) => ({ type, html, code, language });

const ALL = { ...CORPUS, ...DEFINED_LATER };

/** Numbers that look random and are the same in every run. */
function* numbers(seed) {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

function shuffled(seed) {
  const random = numbers(seed);
  const parts = Object.values(ALL).flatMap((text) => text.split(/(?<=\n)/));
  const lines = [];
  for (let count = 0; count < 40; count += 1) {
    lines.push(parts[Math.floor(random.next().value * parts.length)]);
    if (random.next().value < 0.4) lines.push("\n");
  }
  return lines.join("");
}

const MIXTURES = Object.fromEntries([...Array(25).keys()].map((seed) => [`mixture ${seed}`, shuffled(seed + 1)]));

for (const [name, text] of Object.entries({ ...ALL, ...MIXTURES })) {
  test(`cut anywhere, the end is what the whole text gives: ${name}`, () => {
    const reader = new BlockReader();
    const random = numbers(text.length);
    const step = name.startsWith("mixture") ? () => 1 + Math.floor(random.next().value * 12) : () => 1;
    for (let end = 1; end < text.length; end += step()) reader.read(text.slice(0, end));
    reader.read(text);
    assert.deepEqual(reader.read(text, true).map(shown), blocksOf(text).map(shown));
  });
}

for (const [name, text] of Object.entries(CORPUS)) {
  test(`what is settled is final, and never made again: ${name}`, () => {
    const whole = blocksOf(text).map(shown);
    const reader = new BlockReader();
    let before = [];
    for (let end = 1; end <= text.length; end += 1) {
      const blocks = reader.read(text.slice(0, end));
      const settled = blocks.slice(0, reader.settled);
      assert.deepEqual(settled.map(shown), whole.slice(0, settled.length), JSON.stringify(text.slice(0, end)));
      before.forEach((block, index) => assert.equal(block, settled[index]));
      before = settled;
    }
    if (name !== "openMath") assert.ok(before.length >= Math.min(whole.length - 3, 2), "nothing settles");
  });
}

test("a definition that arrives changes what stands before it at once", () => {
  const reader = new BlockReader();
  const text = "See [d] and[^1].\n\nTwo.\n\nThree.\n\n[d]: https://example.org/\n\n[^1]: Note.\n[^2]: An";
  for (let end = 1; end <= text.length; end += 1) reader.read(text.slice(0, end));
  const [first, ...rest] = reader.read(text);
  assert.ok(reader.settled > 0);
  assert.match(first.html, /<a href="https:\/\/example.org\/">d<\/a>/);
  assert.match(first.html, /<a class="mention" href="#note-1">1<\/a>/);
  assert.equal(rest.at(-1).type, "notes");
});

test("a reference is not fixed to the half of an address", () => {
  const reader = new BlockReader();
  const text = "See [d].\n\n[d]: https://example.org/whole";
  for (let end = 1; end <= text.length; end += 1) reader.read(text.slice(0, end));
  assert.match(reader.read(text)[0].html, /href="https:\/\/example.org\/whole"/);
});

test("a text that had ended and goes on is read as one", () => {
  const reader = new BlockReader();
  reader.read("One.\n\nTwo.\n\n- three", true);
  const whole = "One.\n\nTwo.\n\n- three and\n- four";
  reader.read(`${whole.slice(0, -3)}`);
  assert.deepEqual(reader.read(whole, true).map(shown), blocksOf(whole).map(shown));
});
