/** How long to wait before connecting again: doubling, capped, and never all browsers at one moment. */

export const FIRST_DELAY_MS = 500;
export const LONGEST_DELAY_MS = 15000;

/** The server restarts: all pages come back, soon but not together. */
const RESTARTING = 1012;
export const RESTART_SPREAD_MS = 2000;
/** We have sent too much, whyever: what the server counts (10 s of frames) is to be over. */
const FLOOD = 4429;

/** How long to wait after a close with this code (protocol.md), being the `attempt`-th in a row. */
export function retryMs(code, attempt, random = Math.random) {
  if (code === RESTARTING && attempt === 0) return Math.round(RESTART_SPREAD_MS * (0.1 + 0.9 * random()));
  if (code === FLOOD) return Math.round(LONGEST_DELAY_MS * (1 + random() / 2));
  return backoffMs(attempt, random);
}

export function backoffMs(attempt, random = Math.random) {
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
  return Math.round(full * (0.5 + random() / 2));
}
