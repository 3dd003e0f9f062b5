import assert from "node:assert/strict";
import { test } from "node:test";

import { C, READY, flushed, prompt, sent, snapshot, tell, told } from "./story.mjs";

const { isTakenOut, shareOf } = await import("chat/sharing");
const { meaningOf } = await import("chat/shortcuts");

const DOWN = { type: "socket.closed", attempt: 0, retryAt: 2000 };
const MAKE = { type: "user.share", id: "r1" };
const open = (share = null) => {
  const { conversation, ...rest } = snapshot([prompt("p")]);
  return tell(flushed(told(READY, { type: "user.open", conversation: C })), { ...rest, conversation: { ...conversation, share } });
};
const shared = { type: "conversation.shared", command_id: "ask:r1", conversation: C, share: "/s/token/" };
const updated = (share) => ({ type: "conversation.updated", conversation: { id: C, title: "T", head: "p", revision: 6, share } });

test("a link is there once the server has made it, and asked for again after a drop", () => {
  const [asked, commands] = sent(tell(open(), MAKE));
  assert.deepEqual(commands, [{ type: "conversation.share", command_id: "ask:r1", conversation: C }]);
  assert.deepEqual(shareOf(asked), { path: null, phase: "making", refusal: null });
  assert.ok(sent(tell(asked, DOWN, READY))[1].some(({ type }) => type === "conversation.share"));
  assert.deepEqual(shareOf(tell(asked, updated("/s/token/"), shared)), { path: "/s/token/", phase: "still", refusal: null });
});

test("a link that is to be closed is shown until it is", () => {
  const [asked, commands] = sent(tell(open("/s/token/"), { type: "user.unshare", id: "r1" }));
  assert.equal(commands[0].type, "conversation.unshare");
  assert.deepEqual(shareOf(asked), { path: "/s/token/", phase: "closing", refusal: null });
  assert.equal(shareOf(tell(asked, updated(null), { type: "done", command_id: "ask:r1" })).path, null);
});

test("what cannot be shared says so", () => {
  const refused = { type: "error", command_id: "ask:r1", code: "invalid", field: "conversation", detail: "" };
  assert.deepEqual(shareOf(tell(flushed(tell(open(), MAKE)), refused)).refusal, { code: "invalid", field: "conversation" });
  assert.equal(isTakenOut(told(READY)), false);
  assert.equal(isTakenOut(open()), true);
  assert.equal(isTakenOut(tell(open(), { type: "conversation.deleted", conversation: C })), false);
});

test("keys mean the whole page only where they write nothing", () => {
  assert.equal(meaningOf({ key: "?" }, false), "shortcuts");
  assert.equal(meaningOf({ key: "?" }, true), null);
  assert.equal(meaningOf({ key: "/", ctrlKey: true }, true), "shortcuts");
  assert.equal(meaningOf({ key: "/" }, false), null);
  assert.equal(meaningOf({ key: "Escape" }, true), "stop");
  assert.equal(meaningOf({ key: "Escape", isComposing: true }, true), null);
});
