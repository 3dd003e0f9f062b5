import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import "./modules.mjs";

// What a browser has; the connection itself is the real one.
class FakeSocket extends EventTarget {
  static OPEN = 1;
  static all = [];
  readyState = FakeSocket.OPEN;
  sent = [];

  constructor(url) {
    super();
    this.url = url;
    FakeSocket.all.push(this);
  }

  send(text) {
    this.sent.push(text);
  }

  close() {}

  says(event) {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(event) }));
  }

  closes(code) {
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

globalThis.WebSocket = FakeSocket;
globalThis.document = new EventTarget();
const page = new EventTarget();
globalThis.addEventListener = (...heard) => page.addEventListener(...heard);

const { Connection } = await import("chat/connection");
const { LONGEST_DELAY_MS, RESTART_SPREAD_MS, retryMs } = await import("chat/backoff");

let told;
let status;
let asked;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  FakeSocket.all = [];
  told = [];
  asked = 0;
  status = 200;
  globalThis.fetch = async () => {
    asked += 1;
    if (status === null) throw new TypeError("no network");
    return { status };
  };
});
afterEach(() => mock.timers.reset());

/** A page that is connected; gives its socket. */
function connected() {
  const connection = new Connection({ url: "ws://chat", sessionUrl: "/session", on: ({ type }) => told.push(type) });
  connection.open();
  FakeSocket.all[0].says({ type: "session.ready" });
  return FakeSocket.all[0];
}

/** Let what was awaited go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("a page that is being left does not connect again, whatever its socket says", async () => {
  status = 401;
  const connection = new Connection({ url: "ws://chat", sessionUrl: "/session", on: ({ type }) => told.push(type) });
  connection.open();
  FakeSocket.all[0].says({ type: "session.ready" });
  connection.leave();
  FakeSocket.all[0].closes(4401);
  await settled();
  mock.timers.tick(60_000);
  assert.equal(FakeSocket.all.length, 1);
  assert.equal(asked, 0);
  assert.ok(!told.includes("socket.signed_out"));
});

test("4401 with a session that is none any more leads to sign-in", async () => {
  status = 401;
  connected().closes(4401);
  await settled();
  assert.equal(told.at(-1), "socket.signed_out");
  mock.timers.tick(60_000);
  assert.equal(FakeSocket.all.length, 1);
});

test("4401 after one's own password change connects again, with the new cookie", async () => {
  connected().closes(4401);
  await settled();
  assert.equal(asked, 1);
  assert.ok(!told.includes("socket.signed_out"));
  mock.timers.tick(LONGEST_DELAY_MS);
  assert.equal(FakeSocket.all.length, 2);
});

test("4401 while nothing can be asked is tried again", async () => {
  status = null;
  connected().closes(4401);
  await settled();
  mock.timers.tick(LONGEST_DELAY_MS);
  assert.equal(FakeSocket.all.length, 2);
});

for (const code of [1012, 4408, 1006]) {
  test(`${code} connects again soon, and asks for no session`, async () => {
    connected().closes(code);
    await settled();
    assert.equal(told.at(-1), "socket.closed");
    assert.equal(asked, 0);
    mock.timers.tick(RESTART_SPREAD_MS);
    assert.equal(FakeSocket.all.length, 2);
  });
}

test("4429 waits until the flood is forgotten", () => {
  connected().closes(4429);
  mock.timers.tick(10_000);
  assert.equal(FakeSocket.all.length, 1);
  mock.timers.tick(2 * LONGEST_DELAY_MS);
  assert.equal(FakeSocket.all.length, 2);
});

test("all pages come back after a restart, but not together", () => {
  const first = retryMs(1012, 0, () => 0);
  const last = retryMs(1012, 0, () => 1);
  assert.ok(first > 0 && last - first > 1000, `${first} to ${last} ms`);
});

test("a restart that takes longer is waited for ever longer", () => {
  assert.ok(retryMs(1012, 4, () => 0) > RESTART_SPREAD_MS);
});

test("without a network the page says so within a second, also while a pong is waited for", () => {
  connected();
  mock.timers.tick(25_000);
  page.dispatchEvent(new Event("offline"));
  mock.timers.tick(999);
  assert.ok(!told.includes("socket.closed"));
  mock.timers.tick(1);
  assert.equal(told.at(-1), "socket.closed");
});

test("a server on the same machine is heard without a network", () => {
  const socket = connected();
  page.dispatchEvent(new Event("offline"));
  socket.says({ type: "pong" });
  mock.timers.tick(5_000);
  assert.ok(!told.includes("socket.closed"));
});
