/**
 * Which branch of a conversation is open: the same in every tab. Pure.
 *
 * A branch chosen here is shown at once (`leaf`), and stored as the conversation's `head`, which all tabs follow.
 */

import { askUpdate, isChoosing } from "chat/requests";
import { switchedTo } from "chat/thread";
import { changeThread } from "chat/threads";

export function switched(state, { message, id }, conversation = state.open) {
  const shown = changeThread(state, conversation, (thread) => switchedTo(thread, message));
  return askUpdate(shown, { what: "head", id, conversation, set: { head: message } });
}

/** Whether a branch chosen here is shown until it is stored, or until what makes it has arrived. */
const isHeld = (state, id) => isChoosing(state, id) || state.outbox.some((item) => item.place === id);

/** The server says where a conversation goes on. */
export const headTold = (state, { id, head }) =>
  changeThread(state, id, (thread) => {
    if (!head || thread.head === head) return thread;
    // On a branch that is not here: its end is read anew.
    if (!thread.messages[head]) return thread.sync === "live" ? { ...thread, sync: "stale", revision: null } : thread;
    return { ...thread, head, leaf: isHeld(state, id) ? thread.leaf : null };
  });

/** What a snapshot says of it. One since a revision lacks a branch that was written before that and opened after. */
export const headRead = (state, { id, head, revision }) =>
  changeThread(state, id, (thread) => {
    const isHere = !head || Boolean(thread.messages[head]);
    if (!isHere && thread.revision !== null) return { ...thread, sync: "stale", revision: null };
    return { ...thread, revision, head: isHere ? head : thread.head, leaf: isHeld(state, id) ? thread.leaf : null };
  });
