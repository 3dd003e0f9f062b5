import assert from "node:assert/strict";
import { test } from "node:test";

import { CORPUS } from "./corpus.mjs";
import "./modules.mjs";

const { BlockReader, blocksOf, isSafeUrl } = await import("chat/markdown");
const { mended } = await import("chat/mend");

const html = (text) => blocksOf(text).map((block) => block.html ?? "").join("");

const SAMPLE = CORPUS.mixed;

test("HTML in the text is shown as text", () => {
  assert.ok(!/<(script|img|svg|iframe|style)/.test(html('<script>x</script>\n\n<img src=x onerror=y> and <svg onload=z>')));
  assert.match(html("a <b>c</b>"), /&lt;b&gt;/);
});

test("a line break of HTML is the exception, for tables", () => {
  assert.match(html("one<br>two"), /one<br>two/);
});

test("only links that cannot run anything are links", () => {
  for (const url of ["javascript:x", " JavaScript:x", "data:text/html,x", "vbscript:x", "blob:x", "//evil"]) {
    assert.equal(isSafeUrl(url), false, url);
  }
  assert.ok(!html("[a](javascript:alert(1)) [b](data:text/html,x)").includes("<a"));
  assert.match(html("[a](https://example.org/?a=1&b=2)"), /href="https:\/\/example.org\/\?a=1&amp;b=2"/);
});

test("an image is a link, for fetching it would tell its host", () => {
  const text = html('![a "cat"](https://example.org/cat.png)');
  assert.ok(!text.includes("<img"));
  assert.match(text, /<a class="image" href="https:\/\/example.org\/cat.png">/);
});

test("code is a block with its language, and its text untouched", () => {
  const [block] = blocksOf('```HTML title=x\n<b>&amp;</b>\n```');
  assert.deepEqual([block.type, block.language, block.code], ["code", "html", "<b>&amp;</b>"]);
});

test("a text read as it grows gives in the end what it gives at once", () => {
  const reader = new BlockReader();
  for (let end = 1; end <= SAMPLE.length; end += 1) reader.read(SAMPLE.slice(0, end));
  assert.deepEqual(reader.read(SAMPLE, true), blocksOf(SAMPLE));
});

test("settled blocks are not made again", () => {
  const reader = new BlockReader();
  const first = reader.read("One.\n\nTwo.\n\nThree.\n\nFour");
  const second = reader.read("One.\n\nTwo.\n\nThree.\n\nFour is longer");
  assert.equal(first[0], second[0]);
  assert.equal(first[1], second[1]);
});

test("code that is still being written is one open block", () => {
  const reader = new BlockReader();
  const [block] = reader.read("```js\nconst a = 1;\n\nconst b");
  assert.deepEqual([block.type, block.open, block.code], ["code", true, "const a = 1;\n\nconst b"]);
});

test("a text that is replaced is read anew", () => {
  const reader = new BlockReader();
  reader.read("Old.\n\nOlder.\n\nOldest.");
  assert.match(reader.read("New.")[0].html, /New/);
});

test("prices, paths and code are no formulas", () => {
  const none = ["$5 and $10", "$5-$10", "US$5, A$6", "($5)–($10)", "$HOME:$PATH", "`$x$`", "a $ b $ c", "$5. Let\n$", "\\$x\\$"];
  for (const text of none) assert.ok(!html(text).includes("math"), text);
});

test("formulas keep their source, whatever stands in it", () => {
  const one = (text) => /<code class="(math-\w+)">([^]*?)<\/code>/.exec(html(text))?.slice(1);
  assert.deepEqual(one("It is $a_1*b$ or *c*."), ["math-inline", "a_1*b"]);
  assert.deepEqual(one("the $n$th"), ["math-inline", "n"]);
  assert.deepEqual(one("\\(x < y\\)"), ["math-inline", "x &lt; y"]);
  assert.deepEqual(one("So:\n\\[\na\n\n- b\n\\]\nthen"), ["math-display", "a\n\n- b"]);
  assert.deepEqual(one("$$\nx\n= y\n$$"), ["math-display", "x\n= y"]);
});

test("a formula that is still being written is its source", () => {
  const open = (text) => new BlockReader().read(text).at(-1).html;
  assert.match(open("$$\na\n- b\n\n# c"), /^<p><code class="math-open">a\n- b\n\n# c<\/code><\/p>/);
  assert.match(open("Here \\(a_1 + b_"), /<code class="math-open">a_1 \+ b_<\/code>/);
  assert.ok(!open("It costs $5 an").includes("math"));
});

test("what strikes out takes two tildes", () => {
  assert.match(html("~5 to ~10"), /~5 to ~10/);
  assert.match(html("~~five~~"), /<del>five<\/del>/);
});

test("no link leads into the page but that of a footnote", () => {
  assert.ok(!html("[a](#b)").includes("href"));
  assert.match(html("A[^x].\n\n[^x]: The *source*."), /<a class="mention" href="#note-1">1<\/a>[^]*<li class="note-1"><p>The <em>source/);
});

test("a footnote needs its definition, and one without a mention is not lost", () => {
  assert.match(html("[^a-z] matches the rest"), /\[\^a-z\]/);
  assert.match(html("Text.\n\n[^x]: Alone."), /<li class="note-1"><p>Alone/);
});

test("a table is a table from its first cell on", () => {
  const open = (text) => new BlockReader().read(text).at(-1).html;
  for (const text of ["| a", "| a | `b", "| a | b |\n|", "| a | b |\n|--", "See:\n| a | b |\n|---|-"]) {
    assert.match(open(text), /<th[^>]*>a<\/th>/, text);
  }
  assert.match(open("| a | b |\n|--:|---|"), /<th align="right">a/);
});

test("a marker alone on the last line says nothing yet", () => {
  for (const marker of ["-", "1", "12.", "##", ">", "``", "===", "|"]) assert.equal(mended(`Text\n${marker}`), "Text\n", marker);
  assert.equal(mended("Text\n- one"), "Text\n- one");
});

test("what is half written is closed while it grows", () => {
  assert.equal(mended("some **bold te"), "some **bold te**");
  assert.equal(mended("a `code"), "a `code`");
  assert.equal(mended("see [the docs](https://exa"), "see the docs");
  assert.equal(mended("- [ ] task"), "- [ ] task");
  assert.equal(mended("2 * 3 and **"), "2 * 3 and ");
  assert.equal(mended("plain text"), "plain text");
});
