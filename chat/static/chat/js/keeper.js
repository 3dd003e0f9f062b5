/**
 * Keeps unacknowledged messages over a reload, each under a key of its own, so that two tabs never
 * overwrite each other's. Also a private window without storage works: then nothing is kept.
 */

const keyOf = (user, item) => `${prefix(user)}${item.key}`;
const prefix = (user) => `evochat.unsent.${user}.`;

export function keep(user, state, before) {
  if (state.outbox === before.outbox) return;
  const waiting = new Set();
  for (const item of state.outbox) {
    if (item.kind !== "send" || item.accepted) continue;
    waiting.add(item.key);
    if (!before.outbox.includes(item)) put(keyOf(user, item), JSON.stringify(item));
  }
  for (const item of before.outbox) if (!waiting.has(item.key)) drop(keyOf(user, item));
}

/** The messages kept for `user`, oldest first. */
export function kept(user) {
  const found = [];
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(prefix(user))) found.push(JSON.parse(localStorage.getItem(key)));
    }
  } catch {
    return [];
  }
  return found.sort((a, b) => a.created - b.created);
}

/** A small thing remembered under `name`, or null. */
export function recall(name, storage = () => localStorage) {
  try {
    return storage().getItem(`evochat.${name}`);
  } catch {
    return null;
  }
}

export const remember = (name, value, storage = () => localStorage) => {
  try {
    if (value === null) storage().removeItem(`evochat.${name}`);
    else storage().setItem(`evochat.${name}`, value);
  } catch {
    // Without storage it is forgotten at the end of the page.
  }
};

const put = (key, value) => {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Full or forbidden: the message is still held in memory.
  }
};

const drop = (key) => {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
};
