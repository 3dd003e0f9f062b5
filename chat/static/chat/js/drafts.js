/**
 * What is written and not sent: one text for each conversation, and one (`new`) for the next new one. Pure.
 */

const nameOf = (conversation) => conversation ?? "new";

export const draftOf = (state) => state.drafts[nameOf(state.open)] ?? "";

export function withDraft(state, conversation, text) {
  const name = nameOf(conversation);
  if ((state.drafts[name] ?? "") === text) return state;
  const { [name]: _before, ...drafts } = state.drafts;
  return { ...state, drafts: text ? { ...drafts, [name]: text } : drafts };
}

/** Put a text that came back before what has been written since. */
export function withTextBefore(state, conversation, text) {
  const written = state.drafts[nameOf(conversation)]?.trim();
  return withDraft(state, conversation, written ? `${text}\n\n${written}` : text);
}

/** Another tab has sent or deleted a text that stands here too, as it was. */
export function emptiedElsewhere(state, { name, text }) {
  if (state.drafts[name] !== text) return state;
  const { [name]: _gone, ...drafts } = state.drafts;
  return { ...state, drafts };
}
