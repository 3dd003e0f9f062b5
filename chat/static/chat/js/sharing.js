/** The link by which anyone reads the open conversation. Pure. */

import { threadOf } from "chat/place";
import { ask, asked, refusalOf } from "chat/requests";

const subjectOf = (conversation) => `share:${conversation}`;

/** `{path, phase, refusal}`; phase is `still`, `making` (also: anew) or `closing`. Only what is confirmed counts. */
export function shareOf(state) {
  const wish = asked(state, subjectOf(state.open));
  const phase = wish ? (wish.type === "conversation.share" ? "making" : "closing") : "still";
  return { path: state.conversations[state.open]?.share ?? null, phase, refusal: refusalOf(state, subjectOf(state.open)) };
}

/** Whether there is a conversation that can be shared and taken out. */
export const isTakenOut = (state) => Boolean(state.open && !threadOf(state)?.missing);

export const exportsOf = (conversation) => ({
  markdown: `/c/${conversation}/export.md`,
  json: `/c/${conversation}/export.json`,
  print: `/c/${conversation}/print/`,
});

const asking = (type) => (state, { id }) =>
  state.open ? ask(state, { subject: subjectOf(state.open), id, command: { type, conversation: state.open } }) : state;

export const sharingHandlers = {
  "user.share": asking("conversation.share"),
  "user.unshare": asking("conversation.unshare"),
};
