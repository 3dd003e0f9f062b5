/** The threads of the state, changed one at a time. Pure. */

export const setThread = (state, thread) => ({ ...state, threads: { ...state.threads, [thread.id]: thread } });

export const changeThread = (state, id, change) => {
  const thread = state.threads[id];
  return thread ? setThread(state, change(thread)) : state;
};

/** What was subscribed to is not any more. */
export const withThreadGone = (state, id) =>
  changeThread(state, id, (thread) => ({ ...thread, missing: true, sync: "none" }));

export const withThreadBack = (state, id) =>
  changeThread(state, id, (thread) => (thread.missing ? { ...thread, missing: false, sync: "none" } : thread));

/** Show what the server calls current; while that is on its way, what is shown. */
export const withoutLeaf = (state, id) =>
  changeThread(state, id, (thread) => (thread.sync === "live" && thread.leaf ? { ...thread, leaf: null } : thread));
