/**
 * What the person has changed of conversations and the server has not confirmed. Pure.
 *
 * A change is `{key, conversation, kind: update|delete|restore, set, created, sent, again, retryAt}`. It is shown at once, over what
 * the server told, and stays until `done`: sent again after a drop, which is harmless. Those of one
 * conversation leave one after the other. Refused, it is shown no more, and a notice says why.
 */

import { reshown, withDeleted, withRestored, withStored } from "chat/conversations";
import { RETRY_UNAVAILABLE_MS, isForNow } from "chat/outbox";
import { withThreadBack, withThreadGone, withoutLeaf } from "chat/threads";

const UNSENT = { sent: false, retryAt: null };

/** Add a change; one of the same thing that has not left yet takes it in. */
export function withChange(state, { key, conversation, kind = "update", set = {}, at = 0 }) {
  const last = state.changes.findLast((one) => one.conversation === conversation);
  const joined = last && kind === last.kind && !last.sent && !last.again && isSame(set, last.set) ? last : null;
  const created = Math.max(at, (state.changes.at(-1)?.created ?? 0) + 1);
  const changes = joined
    ? state.changes.map((one) => (one === joined ? { ...one, set: { ...one.set, ...set } } : one))
    : [...state.changes, { key, conversation, kind, set, created, again: false, ...UNSENT }];
  return reshown({ ...state, changes }, [conversation]);
}

/** What this browser kept from before a reload. It may have been sent then. */
export function withKeptChanges(state, kept) {
  const fresh = kept.filter(({ key }) => !state.changes.some((one) => one.key === key));
  if (fresh.length === 0) return state;
  const changes = [...fresh.map((one) => ({ ...one, again: true, ...UNSENT })), ...state.changes];
  return reshown({ ...state, changes }, fresh.map(({ conversation }) => conversation));
}

const isSame = (one, other) => Object.keys(one).join() === Object.keys(other).join();

/** Whether a conversation is being deleted or restored: until that is done nothing is asked of it. */
export const isLeaving = (state, id) =>
  state.changes.some(({ conversation, kind }) => conversation === id && kind !== "update");

/** Whether a branch chosen here is still to be stored. */
export const isChoosing = (state, id) =>
  state.changes.some(({ conversation, set }) => conversation === id && set.head !== undefined);

export function dueChanges({ changes }, now) {
  const first = new Map(changes.toReversed().map((one) => [one.conversation, one]));
  return changes
    .filter((one) => first.get(one.conversation) === one && !one.sent && (one.retryAt ?? 0) <= now)
    .map(({ key, kind, conversation, set }) => ({
      type: `conversation.${kind}`, command_id: `change:${key}`, conversation, ...set,
    }));
}

const keyOf = ({ command_id }) => {
  const [what, key] = (command_id ?? "").split(":");
  return what === "change" ? key : null;
};

const find = (state, event) => state.changes.find(({ key }) => key === keyOf(event));

const changed = (state, change, rest) => ({
  ...state,
  changes: state.changes.map((one) => (one === change ? { ...one, ...rest } : one)),
});

export function changeSent(state, command) {
  const change = find(state, command);
  return change ? changed(state, change, { sent: true, retryAt: null }) : state;
}

/** After a drop everything unconfirmed is to be sent again. */
export const unsentChanges = (state) => ({
  ...state,
  changes: state.changes.map((one) => ({ ...one, ...UNSENT, again: one.again || one.sent })),
});

function without(state, change) {
  const next = reshown({ ...state, changes: state.changes.filter((one) => one !== change) }, [change.conversation]);
  if (change.set.head === undefined || isChoosing(next, change.conversation)) return next;
  return withoutLeaf(next, change.conversation);
}

/** The events that tell of it came before; of one that was sent twice they may have passed while there was no connection. */
export function changeDone(state, event) {
  const change = find(state, event);
  if (!change) return state;
  const { conversation, kind, again, set } = change;
  return without(settled[kind](state, { conversation, again, set }), change);
}

const settled = {
  update: (state, { conversation, again, set: { head: _head, ...rest } }) => {
    const known = state.stored[conversation];
    return again && known ? withStored(state, [{ ...known, ...rest }]) : state;
  },
  delete: (state, { conversation }) => withThreadGone(withDeleted(state, conversation), conversation),
  restore: (state, { conversation }) =>
    conversation in state.deleted ? withThreadBack(withRestored(state, conversation), conversation) : state,
};

export function changeRefused(state, { at, code, field, retry_after_ms }, key) {
  const change = state.changes.find((one) => one.key === key);
  if (!change) return state;
  if (isForNow(code)) {
    const retryAt = at + (retry_after_ms ?? RETRY_UNAVAILABLE_MS);
    return changed(state, change, { sent: false, again: true, retryAt });
  }
  const notice = { key, kind: "refused", what: whatOf(change), refusal: { code, field } };
  return { ...without(state, change), notice };
}

const whatOf = ({ kind, set }) => (kind === "update" ? Object.keys(set)[0] : kind);

export const changeHandlers = {
  "user.change": (state, event) => {
    const { key, conversation, set } = event;
    const next = withChange(state, event);
    if (set.archived === undefined) return next;
    return { ...next, notice: { key, kind: set.archived ? "archived" : "unarchived", conversation } };
  },
  "user.delete": (state, { key, conversation, draft, at }) => {
    const title = state.conversations[conversation]?.title ?? "";
    const wasOpen = state.open === conversation;
    const next = withChange(state, { key, conversation, kind: "delete", at });
    const notice = { key, kind: "deleted", conversation, title, wasOpen };
    return { ...next, notice, ...(wasOpen && { open: null, draft }) };
  },
  /** Undo comes back to where one was, unless the person has gone on meanwhile. */
  "user.undo": (state, { key, at }) => {
    const { kind, conversation, wasOpen } = state.notice ?? {};
    if (kind === "archived" || kind === "unarchived") {
      return { ...withChange(state, { key, conversation, set: { archived: kind !== "archived" }, at }), notice: null };
    }
    if (kind !== "deleted") return state;
    const next = withThreadBack(withChange(state, { key, conversation, kind: "restore", at }), conversation);
    return { ...next, notice: null, ...(wasOpen && !state.open && { open: conversation }) };
  },
  "notice.over": (state, { key }) => (state.notice?.key === key ? { ...state, notice: null } : state),
};
