import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { READY, flushed, tell, told } from "./story.mjs";

class Kept {
  getItem(name) {
    return this[name] ?? null;
  }

  setItem(name, text) {
    this[name] = text;
  }

  removeItem(name) {
    delete this[name];
  }
}

/** The browser's, as far as a tab needs them: a lock is held until its page is gone. */
class Locks {
  held = new Set();

  query = async () => ({ held: [...this.held].map((name) => ({ name })) });

  request(name, _options, granted) {
    this.held.add(name);
    return granted({ name });
  }
}

const given = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
given("localStorage", new Kept());
given("sessionStorage", new Kept());
given("navigator", { locks: new Locks() });

const { RequestKeeper } = await import("chat/request-keeper");
const { Tabs } = await import("chat/tabs");

const change = (id, set) => ({ type: "user.change", id, conversation: "a", set });
const done = (id) => ({ type: "done", command_id: `ask:${id}` });
const begun = flushed(told(READY));

/** A tab with what its page knows; each event is written down as it comes. */
class Page {
  static async open() {
    given("sessionStorage", new Kept());
    const page = new Page();
    page.tabs = await Tabs.open();
    page.keeper = new RequestKeeper(1, page.tabs);
    page.state = begun;
    return page;
  }

  tell(...events) {
    for (const event of events) {
      const before = this.state;
      this.state = tell(before, event);
      this.keeper.keep(this.state, before);
    }
  }

  close() {
    navigator.locks.held.delete(`evochat.tab.${this.tabs.name}`);
  }

  async found() {
    const kept = await this.keeper.kept();
    return tell(begun, { type: "kept.found", ...kept }).requests.map(({ id, command }) => [id, command]);
  }
}

beforeEach(() => {
  given("localStorage", new Kept());
});

test("what was asked for is there after a reload, the first one first, until it is confirmed", async () => {
  const page = await Page.open();
  page.tell(change("k", { title: "Sea" }), { type: "user.rate", id: "l", message: "m", rating: "up" }, change("n", { title: "Ocean" }));
  assert.deepEqual(await page.found(), [
    ["l", { type: "message.rate", message: "m", rating: "up" }],
    ["n", { type: "conversation.update", conversation: "a", title: "Ocean" }],
  ]);
  page.tell(done("n"), { type: "error", command_id: "ask:l", code: "not_found", detail: "" });
  assert.deepEqual(await page.found(), []);
  assert.deepEqual(Object.keys(localStorage), []);
});

test("what another tab has asked since of the same subject stays", async () => {
  const [page, other] = [await Page.open(), await Page.open()];
  page.tell(change("k", { title: "Sea" }));
  other.tell(change("l", { title: "Ocean" }));
  page.tell(done("k"));
  assert.deepEqual((await other.found()).map(([id]) => id), ["l"]);
});

test("what a tab has asked is its own while it is there, and then the next page's", async () => {
  const [page, other] = [await Page.open(), await Page.open()];
  page.tell(change("k", { title: "Sea" }));
  assert.deepEqual(await other.found(), []);
  page.close();
  assert.deepEqual((await other.found()).map(([id]) => id), ["k"]);
  const third = await Page.open();
  assert.deepEqual(await third.found(), []);
});

test("what was asked of a draft is kept for the conversation that it becomes", async () => {
  const page = await Page.open();
  page.tell({ type: "user.send", key: "m1", content: "Hello" }, { type: "user.params", params: { top_p: 0.5 }, id: "k" });
  assert.deepEqual(Object.keys(localStorage), ["evochat.request.1.params:draft-1"]);
  page.tell({ type: "message.accepted", command_id: "send:m1", conversation: "c", message: "m1", answer: "a1", generation: "g1", duplicate: false });
  assert.deepEqual(Object.keys(localStorage), ["evochat.request.1.params:c"]);
  assert.deepEqual(await page.found(), [["k", { type: "conversation.update", conversation: "c", params: { top_p: 0.5 } }]]);
});

test("what is no request of ours is passed over", async () => {
  const page = await Page.open();
  const put = (name, what) => localStorage.setItem(`evochat.request.1.${name}`, what);
  put("broken", "{");
  put("null", "null");
  put("unknown", JSON.stringify({ subject: "unknown", id: "k", order: 1, tab: "t", command: { type: "user.delete" } }));
  put("unordered", JSON.stringify({ subject: "unordered", id: "k", tab: "t", command: { type: "message.rate" } }));
  assert.deepEqual(await page.found(), []);
});
