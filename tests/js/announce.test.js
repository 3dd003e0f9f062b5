import assert from "node:assert/strict";
import { test } from "node:test";

import { READY, flushed, tell, told } from "./story.mjs";

const { Announcer } = await import("chat/announce");

const SEND = { type: "user.send", key: "m1", content: "Hello" };
const refusal = (code) => ({ type: "error", command_id: "send:m1", code, detail: "" });

/** What is said when `events` follow each other from `state` on. */
function heard(state, ...events) {
  const node = { textContent: "" };
  const { listener } = new Announcer(node);
  for (const event of events) {
    const next = tell(state, event);
    listener(next, state, event);
    state = next;
  }
  return node.textContent;
}

test("a message that is refused is said once", () => {
  const sent = flushed(told(READY, SEND));
  assert.match(heard(sent, refusal("too_long")), /^Not sent: /);
  assert.equal(heard(tell(sent, refusal("too_long")), { type: "user.typed", text: "More" }), "");
});

test("a message refused in a conversation that was left is not said over the one that is read", () => {
  const left = tell(flushed(told(READY, SEND)), { type: "user.new", draft: "draft-2" });
  assert.equal(heard(left, refusal("too_long")), "");
});
