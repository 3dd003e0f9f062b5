/** The browser's storage, which may be full, forbidden (a private window) or hold anything at all. */

const local = () => localStorage;

/** The text under `name`, or null. */
export function read(name, storage = local) {
  try {
    return storage().getItem(name);
  } catch {
    return null;
  }
}

/** What is written under `name` as JSON; null if it is none. */
export function readJson(name, storage = local) {
  try {
    return JSON.parse(read(name, storage));
  } catch {
    return null;
  }
}

/** Write, and tell whether it is written. When there is no room, the oldest drafts make room. */
export function put(name, text, storage = local) {
  try {
    storage().setItem(name, text);
    return true;
  } catch {
    const [oldest] = draftsByAge(storage).filter((one) => one !== name);
    if (!oldest) return false;
    forget(oldest, storage);
    return put(name, text, storage);
  }
}

export function forget(name, storage = local) {
  try {
    storage().removeItem(name);
  } catch {
    // Nothing was kept.
  }
}

/** All names that begin with `prefix`. */
export function names(prefix, storage = local) {
  try {
    return Object.keys(storage()).filter((name) => name.startsWith(prefix));
  } catch {
    return [];
  }
}

export const DRAFTS = "evochat.draft.";

/** The names of all drafts, of all users, the oldest first. */
export function draftsByAge(storage = local) {
  const written = names(DRAFTS, storage).map((name) => [name, Number(readJson(name, storage)?.at) || 0]);
  return written.sort(([, a], [, b]) => a - b).map(([name]) => name);
}

/** A small thing remembered under `name`, or null. */
export const recall = (name, storage) => read(`evochat.${name}`, storage);

export const remember = (name, value, storage) =>
  value === null ? forget(`evochat.${name}`, storage) : put(`evochat.${name}`, value, storage);
