/**
 * The WebSocket: opens it, opens it again after a drop, and notices when it is dead.
 *
 * It knows no conversation. `on` is called with every event of the server and with `socket.connecting`,
 * `socket.closed {retryAt, attempt}` and `socket.signed_out`.
 */

import { retryMs } from "chat/backoff";

const PING_EVERY_MS = 25_000;
const PONG_WITHIN_MS = 8_000;
// The browser says that there is no network: only a server on the same machine still answers, and soon.
const PONG_WHEN_OFFLINE_MS = 1_000;
const SESSION_ENDED = 4401;
// A connection this short was none: the next attempt waits longer still.
const STEADY_MS = 5_000;

export class Connection {
  #socket = null;
  #attempt = 0;
  #retryTimer = null;
  #pingTimer = null;
  #pongTimer = null;
  #readyAt = null;

  constructor({ url, sessionUrl, on }) {
    this.url = url;
    this.sessionUrl = sessionUrl;
    this.on = on;
    addEventListener("online", () => this.#lookAlive());
    addEventListener("offline", () => this.#probe(PONG_WHEN_OFFLINE_MS));
    document.addEventListener("visibilitychange", () => !document.hidden && this.#lookAlive());
    addEventListener("pagehide", () => this.#socket?.close(1000));
    addEventListener("pageshow", (event) => event.persisted && this.open());
  }

  open() {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
    this.#readyAt = null;
    const old = this.#socket;
    this.#socket = null;
    old?.close();
    this.on({ type: "socket.connecting", attempt: this.#attempt });
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => socket === this.#socket && this.#received(JSON.parse(data)));
    socket.addEventListener("close", ({ code }) => socket === this.#socket && this.#closed(code));
  }

  /** Connect no more: the page is being left, and where it goes the server says. */
  leave() {
    const socket = this.#socket;
    this.#socket = null;
    for (const timer of [this.#retryTimer, this.#pingTimer, this.#pongTimer]) clearTimeout(timer);
    this.#retryTimer = this.#pongTimer = null;
    socket?.close(1000);
  }

  /** Send a command; one that cannot leave now is lost, and `due` asks for it again after the next start. */
  send(command) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(command));
  }

  #received(event) {
    clearTimeout(this.#pongTimer);
    this.#pongTimer = null;
    if (event.type === "session.ready") {
      this.#readyAt = performance.now();
      this.#pingTimer = setInterval(() => this.#probe(), PING_EVERY_MS);
    }
    if (event.type !== "pong") this.on(event);
  }

  /** Ask for a sign of life. One that is waited for already is waited for no longer than this one. */
  #probe(within = PONG_WITHIN_MS) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    if (this.#pongTimer && within === PONG_WITHIN_MS) return;
    clearTimeout(this.#pongTimer);
    this.send({ type: "ping" });
    const socket = this.#socket;
    this.#pongTimer = setTimeout(() => {
      // A dead network may hold back `close` for minutes.
      socket.close();
      if (socket === this.#socket) this.#closed(0);
    }, within);
  }

  #lookAlive() {
    if (this.#retryTimer) this.open();
    else this.#probe();
  }

  async #closed(code) {
    this.#socket = null;
    clearInterval(this.#pingTimer);
    clearTimeout(this.#pongTimer);
    this.#pongTimer = null;
    if (this.#readyAt !== null && performance.now() - this.#readyAt > STEADY_MS) this.#attempt = 0;
    const delay = retryMs(code, this.#attempt);
    this.#retryTimer = setTimeout(() => this.open(), delay);
    this.on({ type: "socket.closed", attempt: this.#attempt, retryAt: Date.now() + delay });
    this.#attempt += 1;
    // A browser does not say why a handshake failed, and who has changed the password has another session now:
    // ask whether there is one.
    const isDoubtful = code === SESSION_ENDED || this.#readyAt === null;
    if (isDoubtful && !(await this.#hasSession())) {
      clearTimeout(this.#retryTimer);
      this.#retryTimer = null;
      this.on({ type: "socket.signed_out" });
    }
  }

  async #hasSession() {
    try {
      const response = await fetch(this.sessionUrl, { cache: "no-store", credentials: "same-origin" });
      return response.status !== 401;
    } catch {
      return true; // No network is no answer.
    }
  }
}
