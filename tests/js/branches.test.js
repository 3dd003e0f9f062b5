import assert from "node:assert/strict";
import { test } from "node:test";

import { C, READY, answer, flushed, prompt, sent, snapshot, tell, told } from "./story.mjs";

const { rows } = await import("chat/rows");

const END = { id: "g", status: "completed", seq: 1, finish_reason: "stop" };
const both = (id) => ({ ...prompt(id), siblings: ["p", "q"] });
const P = [both("p"), answer("a", "p", "First", END)];
const Q = [both("q"), answer("b", "q", "Second", END)];
const opened = (...messages) =>
  tell(flushed(told(READY, { type: "user.open", conversation: C })), snapshot(messages, { head: messages.at(-1).id }));
const choose = (message, key = "k") => ({ type: "user.switch", message, id: key });
const toldOf = (head) => ({ type: "conversation.updated", conversation: { id: C, title: "T", head, model: "small", params: {}, revision: 6 } });
const done = (key = "k") => ({ type: "done", command_id: `ask:${key}` });
const shown = (state) => rows(state).map(({ key }) => key);

test("a version that is here is shown at once and remembered", () => {
  const [state, commands] = sent(tell(opened(...P, ...Q), choose("p")));
  assert.deepEqual(shown(state), ["p", "a"]);
  assert.deepEqual(commands, [{ type: "conversation.update", command_id: "ask:k", conversation: C, head: "p" }]);
  const over = tell(state, toldOf("a"), done());
  assert.deepEqual(shown(over), ["p", "a"]);
  assert.deepEqual([over.threads[C].head, over.threads[C].leaf], ["a", null]);
});

test("a version that is not here is read when the server has opened it", () => {
  const [asked, commands] = sent(tell(opened(...Q), choose("p")));
  assert.equal(commands[0].head, "p");
  assert.deepEqual(shown(asked), ["q", "b"]);
  const [again, [subscribe]] = sent(tell(asked, toldOf("a"), done()));
  assert.deepEqual(subscribe, { type: "conversation.subscribe", command_id: `subscribe:${C}`, conversation: C });
  assert.deepEqual(shown(again), ["q", "b"]);
  assert.deepEqual(shown(tell(again, snapshot(P, { head: "a", revision: 6 }))), ["p", "a"]);
});

test("another tab follows to the branch that was chosen", () => {
  assert.deepEqual(shown(tell(opened(...P, ...Q), toldOf("a"))), ["p", "a"]);
});

test("a choice that is refused is taken back", () => {
  const state = tell(flushed(tell(opened(...P, ...Q), choose("p"))), { type: "error", command_id: "ask:k", code: "not_found", detail: "" });
  assert.deepEqual(shown(state), ["q", "b"]);
  assert.equal(state.notice.what, "head");
});

test("of two choices the last one stays, whatever is told between", () => {
  const first = flushed(tell(opened(...P, ...Q), choose("p")));
  const second = tell(first, choose("q", "l"), toldOf("a"), done());
  assert.deepEqual(shown(second), ["q", "b"]);
  const over = tell(flushed(second), toldOf("b"), done("l"));
  assert.deepEqual([shown(over), over.threads[C].leaf], [["q", "b"], null]);
});

test("a branch that was opened while the page was away is read whole", () => {
  const away = tell(opened(...Q), { type: "socket.closed", attempt: 0, retryAt: 0 }, READY);
  const [asked, [since]] = sent(away);
  assert.equal(since.revision, 5);
  const [again, [whole]] = sent(tell(asked, snapshot([], { head: "a", revision: 6 })));
  assert.equal(whole.revision, undefined);
  const state = tell(again, snapshot(P, { head: "a", revision: 6 }));
  assert.deepEqual(shown(state), ["p", "a"]);
  assert.deepEqual(sent(state)[1].filter(({ type }) => type === "conversation.subscribe"), []);
});

test("of several ends below a version the one written last is shown", () => {
  const late = { ...answer("late", "p", "Later", END), created_at: "2026-11-01T00:00:09Z" };
  const state = tell(opened(...Q, P[0], late, P[1]), toldOf("b"), choose("p"));
  assert.deepEqual(shown(state), ["p", "late"]);
});
