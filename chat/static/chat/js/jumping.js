/**
 * The way to a message that was found: open its conversation, and read or switch until it is on screen. Pure.
 *
 * `jump` is `{conversation, message, id, phase, switched}`. While `seeking`, each event may bring it further: what is above the
 * loaded messages is read page by page; what is not on this branch at all is on another one, which is opened
 * by the request `id`. `found`: it is on the branch that is shown, for the log to go there.
 */

import { switched } from "chat/branches";
import { isChoosing, isLeaving } from "chat/requests";
import { branch, emptyThread, hasOlder } from "chat/thread";
import { changeThread, setThread } from "chat/threads";

function jumping(state, { conversation, message, id }) {
  const there = state.threads[conversation] ? state : setThread(state, emptyThread(conversation));
  return { ...there, open: conversation, jump: { conversation, message, id, phase: "seeking", switched: false } };
}

/** Take the next step, if there is one now. */
export function sought(state) {
  const { jump } = state;
  if (!jump) return state;
  const thread = state.threads[jump.conversation];
  if (state.open !== jump.conversation || thread.missing) return { ...state, jump: null };
  if (jump.phase !== "seeking" || isLeaving(state, thread.id)) return state;
  if (branch(thread).some(({ id }) => id === jump.message)) return { ...state, jump: { ...jump, phase: "found" } };
  if (thread.sync !== "live") return state;
  if (thread.messages[jump.message]) return sought(turned(state));
  if (isChoosing(state, thread.id)) return state;
  if (hasOlder(thread) && thread.older !== "none") return thread.older === "idle" ? changeThread(state, thread.id, wantOlder) : state;
  // It was deleted since it was found.
  return jump.switched ? { ...state, jump: null } : opened(state);
}

const wantOlder = (thread) => ({ ...thread, older: "wanted" });

/** It is here, on a branch that is not shown. */
const turned = (state) => switched(state, state.jump, state.jump.conversation);

const opened = (state) => turned({ ...state, jump: { ...state.jump, switched: true } });

export const jumpHandlers = {
  "user.jump": jumping,
  "jump.shown": (state) => ({ ...state, jump: null }),
};
