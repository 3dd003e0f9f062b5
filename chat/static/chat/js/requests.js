/**
 * What the person has changed and the server has not confirmed: settings, ratings, presets, links. Pure.
 *
 * A request is `{id, subject, command, sent, retryAt, refusal}`. Its command says all there is to say of its subject
 * (`params:<conversation>`, `rating:<message>`, …): a later one takes its place, and sending it again is harmless.
 * Until it is confirmed the page shows what was asked for. Refused for good it is not shown any more, and
 * `refusal` stays to be told until something else is asked of the subject.
 */

export const RETRY_REQUEST_MS = 2000;

// What passes by itself.
const FOR_NOW = new Set(["unavailable", "rate_limited"]);
const UNSENT = { sent: false, retryAt: null };

export const idOf = ({ command_id }) => {
  const [what, id] = (command_id ?? "").split(":");
  return what === "ask" ? id : null;
};

/** Ask for `command`; `id` is chosen by the page and new for each. */
export function ask(state, { subject, id, command }) {
  const { [subject]: _before, ...others } = state.requests;
  return { ...state, requests: { ...others, [subject]: { id, subject, command, refusal: null, ...UNSENT } } };
}

/** What the browser has kept of requests, from before a reload. What was asked for since holds. */
export function withKeptRequests(state, kept) {
  const fresh = kept.filter(({ subject }) => !state.requests[subject]).map((one) => ({ refusal: null, ...one, ...UNSENT }));
  if (fresh.length === 0) return state;
  return { ...state, requests: { ...Object.fromEntries(fresh.map((one) => [one.subject, one])), ...state.requests } };
}

/** The command that is asked for of `subject`, or null. */
export const asked = (state, subject) => {
  const request = state.requests[subject];
  return request && !request.refusal ? request.command : null;
};

/** Why what was asked of `subject` was refused, as `{code, field}`, or null. */
export const refusalOf = (state, subject) => state.requests[subject]?.refusal ?? null;

export const requestSent = (state, id) => changed(state, id, { sent: true, retryAt: null });

/** After a drop everything unconfirmed is to be sent again. */
export const unsentRequests = (state) => ({
  ...state,
  requests: mapped(state.requests, (one) => (one.refusal ? one : { ...one, ...UNSENT })),
});

export function confirmed(state, event) {
  const request = withId(state, idOf(event));
  return request ? withoutRequest(state, request.subject) : state;
}

export function withoutRequest(state, subject) {
  if (!state.requests[subject]) return state;
  const { [subject]: _over, ...requests } = state.requests;
  return { ...state, requests };
}

export function requestRefused(state, { at, code, field, retry_after_ms }, id) {
  if (!FOR_NOW.has(code)) return changed(state, id, { refusal: { code, field } });
  return changed(state, id, { sent: false, retryAt: at + (retry_after_ms ?? RETRY_REQUEST_MS) });
}

/** What was asked of a draft is asked of the conversation that it has become. */
export function settledRequests(state, draft, conversation) {
  const of = Object.values(state.requests).filter(({ command }) => command.conversation === draft);
  return of.reduce((next, { subject, id, command }) => {
    const moved = { subject: subject.replace(draft, conversation), id, command: { ...command, conversation } };
    return ask(withoutRequest(next, subject), moved);
  }, state);
}

/** The commands that can be sent now. Of a conversation that does not exist yet nothing is asked. */
export function dueRequests(state, now) {
  const unborn = new Set(state.outbox.filter(({ conversation }) => !conversation).map(({ place }) => place));
  return Object.values(state.requests)
    .filter(({ sent, refusal, retryAt }) => !sent && !refusal && (retryAt ?? 0) <= now)
    .filter(({ command }) => !unborn.has(command.conversation))
    .map(({ id, command }) => ({ ...command, command_id: `ask:${id}` }));
}

/** Whether what shapes the answers of `conversation` is still to be stored: a prompt waits for that. */
export const isUnsettled = (state, conversation) =>
  Boolean(asked(state, `params:${conversation}`) || asked(state, `model:${conversation}`));

const withId = (state, id) => (id ? Object.values(state.requests).find((one) => one.id === id) : undefined);

function changed(state, id, changes) {
  const request = withId(state, id);
  return request ? { ...state, requests: { ...state.requests, [request.subject]: { ...request, ...changes } } } : state;
}

const mapped = (object, change) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
