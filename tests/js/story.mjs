/** Tells the reducer a story: events in, state out, and what is due. */

import "./modules.mjs";

const { due } = await import("chat/due");
const { initialState, reduce } = await import("chat/state");

export const READY = {
  type: "session.ready",
  protocol: 1,
  user: { id: 1, username: "alice" },
  models: [{ id: "small", title: "Small" }],
  limits: { message_chars: 100 },
  demo: false,
};

export const C = "conversation-1";

export function told(...events) {
  return tell(initialState({ draft: "draft-1" }), ...events);
}

export const tell = (state, ...events) => events.reduce((now, event) => reduce(now, { at: 1000, ...event }), state);

/** Send what is due, as the store does, and return `[state, commands]`. */
export function sent(state, now = 1000) {
  const commands = due(state, now);
  return [tell(state, ...commands.map((command) => ({ type: "command.sent", command }))), commands];
}

export const flushed = (state, now) => sent(state, now)[0];

export const prompt = (id, parent = null, content = "Hello") => ({ id, parent, role: "user", content, created_at: "2026-11-01T00:00:00Z" });

export const answer = (id, parent, content, generation) => ({
  id, parent, role: "assistant", content, reasoning: "", created_at: "2026-11-01T00:00:01Z", generation,
});

export const snapshot = (messages, { head, revision = 5, generations = [] } = {}) => ({
  type: "conversation.snapshot",
  command_id: `subscribe:${C}`,
  conversation: { id: C, title: "T", head: head ?? messages.at(-1)?.id ?? null, model: "small", params: {}, revision },
  messages,
  generations,
});

export const delta = (generation, seq, text, kind = "content") => ({ type: "generation.delta", generation, seq, kind, text });

export const created = (generation, message, parent) => ({
  type: "generation.created", conversation: C, generation, message, parent, model: "small", continues: null,
});

export const ended = (generation, seq, type = "completed", rest = {}) => ({
  type: `generation.${type}`, generation, seq, finish_reason: "stop", usage: null, timing: null, ...rest,
});

/** An open conversation with a prompt `p` and its answer `a`, being written by generation `g`. */
export const answering = (...events) =>
  tell(
    flushed(told(READY, { type: "user.open", conversation: C })),
    snapshot([prompt("p")], { revision: 5 }),
    created("g", "a", "p"),
    { type: "generation.started", generation: "g" },
    ...events,
  );

export const textOf = (state, id) => {
  const live = Object.values(state.live).find((one) => one.message === id);
  return state.threads[C].messages[id].content + (live?.content ?? "");
};
