/** Which refusals pass by themselves, and when to ask again. Pure. */

const RETRY_UNAVAILABLE_MS = 2000;

const FOR_NOW = new Set(["unavailable", "rate_limited"]);

export const isForNow = ({ code }) => FOR_NOW.has(code);

export const retryAtOf = ({ at, retry_after_ms }) => at + (retry_after_ms ?? RETRY_UNAVAILABLE_MS);
