/**
 * Search as one types: what was asked, what was found. Pure.
 *
 * `search` is null while nobody searches. A question waits until the typing pauses (`dueAt`); what was found before stays
 * until the next answer is there. `round` numbers the questions, so that a late answer is known as one.
 */

import { isForNow, retryAtOf } from "chat/refusal";

export const PAUSE_MS = 180;
export const QUERY_CHARS = 200;

const NOTHING = { hits: [], before: null, answered: "" };

function asking(state, { text, at }) {
  const { search } = state;
  const query = text.trim();
  const round = (search?.round ?? 0) + 1;
  // A space after the last word says that it is whole: that is another question.
  if (search && search.text === text) return state;
  if (!query) return { ...state, search: { ...NOTHING, text, round, phase: "idle", dueAt: null } };
  return { ...state, search: { ...NOTHING, ...kept(search), text, round, phase: "typing", dueAt: at + PAUSE_MS } };
}

const kept = (search) => search && { hits: search.hits, before: null, answered: search.answered };

export function dueSearch({ search }, now) {
  if (!search || (search.dueAt ?? 0) > now) return [];
  const { phase, round, text, before } = search;
  const command = { type: "conversation.search", command_id: `search:${round}`, query: text.trimStart().slice(0, QUERY_CHARS) };
  if (phase === "typing") return [command];
  return phase === "more" ? [{ ...command, command_id: `search:${round}:more`, before }] : [];
}

export const searchSent = (state) =>
  changed(state, ({ phase }) => ({ phase: phase === "more" ? "asked_more" : "asked", dueAt: null }));

export function searchRefused(state, event) {
  if (!isCurrent(state, event)) return state;
  const again = { dueAt: retryAtOf(event) };
  return changed(state, (search) =>
    isForNow(event) ? { ...again, phase: unasked(search.phase) } : { ...NOTHING, phase: "failed", answered: search.text },
  );
}

/** After a drop what was asked is asked again. */
export const searchDisconnected = (state) => changed(state, ({ phase }) => ({ phase: unasked(phase) }));

const unasked = (phase) => ({ asked: "typing", asked_more: "more" })[phase] ?? phase;

const changed = (state, change) => (state.search ? { ...state, search: { ...state.search, ...change(state.search) } } : state);

const isCurrent = ({ search }, { command_id }) => {
  const [, round] = (command_id ?? "").split(":");
  return Boolean(search) && round === String(search.round);
};

function found(state, event) {
  if (!isCurrent(state, event)) return state;
  const more = event.command_id.endsWith(":more");
  return changed(state, ({ hits, text }) => ({
    phase: "ready", hits: more ? [...hits, ...event.hits] : event.hits, before: event.before ?? null, answered: text,
  }));
}

/** What was found and is still there, each with a key of its own. */
export const hitsOf = ({ search, deleted }) =>
  (search?.hits ?? [])
    .filter(({ conversation }) => !(conversation in deleted))
    .map((hit) => ({ ...hit, key: hit.message ?? hit.conversation }));

export const searchHandlers = {
  "conversation.found": found,
  "user.search": asking,
  "user.search_more": (state) =>
    changed(state, ({ phase, before }) => (phase === "ready" && before ? { phase: "more" } : {})),
  "user.search_leave": (state) => (state.search ? { ...state, search: null } : state),
};
