/**
 * What the person has asked for and the server has not confirmed: names, pins, deletions, branches, settings, ratings, presets,
 * links. Pure.
 *
 * A request is `{id, subject, command, order, sent, again, retryAt, refusal}`. Its command says all there is to say of its
 * subject (`title:<conversation>`, `rating:<message>`, …): a later one takes its place, and sending it again is harmless
 * (`again`: it may have been done before). Those of one conversation leave one after the other.
 * Until it is confirmed the page shows what was asked for, over what the server told. Refused for good it is shown no more: a
 * notice says why, or `refusal` stays to be told where it was asked, until something else is asked of the subject.
 */

import { reshown, withDeleted, withRestored, withStored } from "chat/conversations";
import { isForNow, retryAtOf } from "chat/refusal";
import { withThreadBack, withThreadGone, withoutLeaf } from "chat/threads";

const UNSENT = { sent: false, retryAt: null };

// Of these the page has a place that says why.
const TOLD_IN_PLACE = new Set(["params", "rating", "preset", "share"]);

export const idOf = ({ command_id }) => {
  const [what, id] = (command_id ?? "").split(":");
  return what === "ask" ? id : null;
};

/** Ask for `command`; `id` is chosen by the page and new for each. */
export function ask(state, { subject, id, command }) {
  const others = state.requests.filter((one) => one.subject !== subject);
  const order = (state.requests.at(-1)?.order ?? 0) + 1;
  const request = { id, subject, command, order, again: false, refusal: null, ...UNSENT };
  return shown({ ...state, requests: [...others, request] }, request);
}

/** Ask for a change of one thing (`what`) of a conversation. */
export const askUpdate = (state, { what, id, conversation, set }) =>
  ask(state, { subject: `${what}:${conversation}`, id, command: { type: "conversation.update", conversation, ...set } });

/** What the browser has kept from before a reload. What was asked for since holds. */
export function withKeptRequests(state, kept) {
  const unknown = kept.filter(({ subject }) => !find(state, subject)).sort((a, b) => a.order - b.order);
  const fresh = unknown.map(({ subject, id, command, order }) => ({ subject, id, command, order, again: true, refusal: null, ...UNSENT }));
  return fresh.reduce(shown, { ...state, requests: [...fresh, ...state.requests] });
}

/** The command that is asked for of `subject`, or null. */
export const asked = (state, subject) => {
  const request = find(state, subject);
  return request && !request.refusal ? request.command : null;
};

/** Why what was asked of `subject` was refused, as `{code, field}`, or null. */
export const refusalOf = (state, subject) => find(state, subject)?.refusal ?? null;

/** Whether a conversation is being deleted or restored: until that is done nothing else is asked of it. */
export const isLeaving = (state, id) => asked(state, `there:${id}`) !== null;

/** Whether a branch chosen here is still to be stored. */
export const isChoosing = (state, id) => commandsOf(state, id).some(({ head }) => head !== undefined);

/** Whether what shapes the answers of a conversation is still to be stored: a prompt waits for that. */
export const isUnsettled = (state, id) => commandsOf(state, id).some((command) => "params" in command || "model" in command);

/** The commands that can be sent now. Of a conversation that does not exist yet nothing is asked. */
export function dueRequests(state, now) {
  const busy = new Set(state.outbox.filter(({ conversation }) => !conversation).map(({ place }) => place));
  const commands = [];
  for (const { id, command, sent, refusal, retryAt } of state.requests) {
    const { conversation } = command;
    if (refusal || busy.has(conversation)) continue;
    if (conversation) busy.add(conversation);
    if (!sent && (retryAt ?? 0) <= now) commands.push({ ...command, command_id: `ask:${id}` });
  }
  return commands;
}

export const requestSent = (state, id) => changed(state, withId(state, id), { sent: true, retryAt: null });

/** After a drop everything unconfirmed is to be sent again. */
export const unsentRequests = (state) => ({
  ...state,
  requests: state.requests.map((one) => (one.refusal ? one : { ...one, ...UNSENT, again: one.again || one.sent })),
});

/** The events that tell of it came before; of one that was sent twice they may have passed while there was no connection. */
export function confirmed(state, event) {
  const request = withId(state, idOf(event));
  return request ? without(settled(state, request), request) : state;
}

function settled(state, { command, again }) {
  const { type, conversation, head: _head, ...set } = command;
  if (type === "conversation.delete") return withThreadGone(withDeleted(state, conversation), conversation);
  if (type === "conversation.restore" && conversation in state.deleted) return withThreadBack(withRestored(state, conversation), conversation);
  const known = state.stored[conversation];
  return type === "conversation.update" && again && known ? withStored(state, [{ ...known, ...set }]) : state;
}

export function requestRefused(state, event, id) {
  const request = withId(state, id);
  if (!request) return state;
  if (isForNow(event)) return changed(state, request, { sent: false, again: true, retryAt: retryAtOf(event) });
  const refusal = { code: event.code, field: event.field };
  if (TOLD_IN_PLACE.has(whatOf(request))) return shown(changed(state, request, { refusal }), request);
  return { ...without(state, request), notice: { key: id, kind: "refused", what: wordOf(request), refusal } };
}

export function withoutRequest(state, subject) {
  const request = find(state, subject);
  return request ? without(state, request) : state;
}

/** What was asked of a draft is asked of the conversation that it has become. */
export function settledRequests(state, draft, conversation) {
  const moved = (one) => ({ ...one, subject: `${whatOf(one)}:${conversation}`, command: { ...one.command, conversation } });
  const requests = state.requests.map((one) => (one.command.conversation === draft ? moved(one) : one));
  return reshown({ ...state, requests }, [conversation]);
}

const whatOf = ({ subject }) => subject.split(":")[0];

/** What a notice calls it: deleted and restored is the conversation itself. */
const wordOf = (request) => (request.command.type === "conversation.update" ? whatOf(request) : request.command.type.split(".")[1]);

const find = (state, subject) => state.requests.find((one) => one.subject === subject);

const withId = (state, id) => state.requests.find((one) => one.id === id);

const commandsOf = (state, conversation) =>
  state.requests.filter(({ command, refusal }) => command.conversation === conversation && !refusal).map(({ command }) => command);

function changed(state, request, changes) {
  const requests = state.requests.map((one) => (one === request ? { ...one, ...changes } : one));
  return { ...state, requests };
}

function without(state, request) {
  const next = shown({ ...state, requests: state.requests.filter((one) => one !== request) }, request);
  const { conversation, head } = request.command;
  return head === undefined || isChoosing(next, conversation) ? next : withoutLeaf(next, conversation);
}

const shown = (state, { command: { conversation } }) => (conversation ? reshown(state, [conversation]) : state);
