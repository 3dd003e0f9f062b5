/** How long to wait before connecting again: doubling, capped, and never all browsers at one moment. */

export const FIRST_DELAY_MS = 500;
export const LONGEST_DELAY_MS = 15000;

export function backoffMs(attempt, random = Math.random) {
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
  return Math.round(full * (0.5 + random() / 2));
}
