/** The address bar: `/` is a new conversation, `/c/<uuid>/` is that one. */

const CONVERSATION = /^\/c\/([0-9a-f-]{36})\/$/;

export const conversationIn = (path) => CONVERSATION.exec(path)?.[1] ?? null;

export const pathOf = (conversation) => (conversation ? `/c/${conversation}/` : "/");

/** Follow the state: a draft that became a conversation keeps its place in the history. */
export const routeListener = (state, before, event) => {
  if (state.open === before.open) return;
  const path = pathOf(state.open);
  if (location.pathname === path) return;
  if (event.type === "message.accepted") history.replaceState(null, "", path);
  else history.pushState(null, "", path);
};
