/**
 * What is written and not sent: one text for each conversation, one (`new`) for the next new one, and one for each
 * message: the edit of a prompt, the comment on an answer. Pure.
 */

const inComposer = (conversation) => conversation ?? "new";

/** Names what is written in the place of a prompt, or about an answer. */
export const aboutMessage = (message) => `message.${message}`;

export const draftOf = (state, name = inComposer(state.open)) => state.drafts[name] ?? "";

function withDraft(state, name, text) {
  if ((state.drafts[name] ?? "") === text) return state;
  const { [name]: _before, ...drafts } = state.drafts;
  return { ...state, drafts: text ? { ...drafts, [name]: text } : drafts };
}

/** Put a text that came back to the composer before what has been written there since. */
export function withTextBefore(state, conversation, text) {
  const name = inComposer(conversation);
  const written = state.drafts[name]?.trim();
  return withDraft(state, name, written ? `${text}\n\n${written}` : text);
}

/** Another tab has sent or deleted a text that stands here too, as it was. */
function emptiedElsewhere(state, { name, text }) {
  return state.drafts[name] === text ? withDraft(state, name, "") : state;
}

export const draftHandlers = {
  "user.typed": (state, { text, message }) => withDraft(state, message ? aboutMessage(message) : inComposer(state.open), text),
  "drafts.found": (state, { drafts }) => ({ ...state, drafts: { ...drafts, ...state.drafts } }),
  "draft.emptied": emptiedElsewhere,
};
