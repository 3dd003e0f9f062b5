/** What the person changes of conversations, and the notice of it with a way back. Pure. */

import { ask, askUpdate } from "chat/requests";
import { withThreadBack } from "chat/threads";

/** Of one that is deleted and restored, the last counts. */
const asking = (state, what, conversation, id) =>
  ask(state, { subject: `there:${conversation}`, id, command: { type: `conversation.${what}`, conversation } });

const changing = (state, { id, conversation, set }) => askUpdate(state, { what: Object.keys(set)[0], id, conversation, set });

export const changeHandlers = {
  "user.change": (state, event) => {
    const { id, conversation, set } = event;
    const next = changing(state, event);
    if (set.archived === undefined) return next;
    return { ...next, notice: { key: id, kind: set.archived ? "archived" : "unarchived", conversation } };
  },
  "user.delete": (state, { id, conversation, draft }) => {
    const title = state.conversations[conversation]?.title ?? "";
    const wasOpen = state.open === conversation;
    const notice = { key: id, kind: "deleted", conversation, title, wasOpen };
    return { ...asking(state, "delete", conversation, id), notice, ...(wasOpen && { open: null, draft }) };
  },
  /** Undo comes back to where one was, unless the person has gone on meanwhile. */
  "user.undo": (state, { id }) => {
    const { kind, conversation, wasOpen } = state.notice ?? {};
    if (kind === "archived" || kind === "unarchived") {
      return { ...changing(state, { id, conversation, set: { archived: kind !== "archived" } }), notice: null };
    }
    if (kind !== "deleted") return state;
    const next = withThreadBack(asking(state, "restore", conversation, id), conversation);
    return { ...next, notice: null, ...(wasOpen && !state.open && { open: conversation }) };
  },
  "notice.over": (state, { key }) => (state.notice?.key === key ? { ...state, notice: null } : state),
};
