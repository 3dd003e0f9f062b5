/** Where the person is: an open conversation, or the draft of one that does not exist yet. Pure. */

export const threadOf = (state) => (state.open ? (state.threads[state.open] ?? null) : null);

/** Names what an outbox item belongs to: its conversation, or the draft it will become. */
export const placeOf = (state) => state.open ?? state.draft;
