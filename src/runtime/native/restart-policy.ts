/** A service that ran this long was well: what ends it then is no crash loop. */
const WELL_MS = 20_000;
const FIRST_MS = 500;
const LONGEST_MS = 30_000;
const GIVE_UP_AFTER = 6;

/** How long to wait before the next start, or `give-up`. `crashes` is how often in a row it ended before it was well. */
export function nextRestart(crashes: number): number | 'give-up' {
  if (crashes >= GIVE_UP_AFTER) return 'give-up';
  return crashes === 0 ? 0 : Math.min(FIRST_MS * 2 ** (crashes - 1), LONGEST_MS);
}

export function countCrash(crashes: number, ranMs: number): number {
  return ranMs >= WELL_MS ? 1 : crashes + 1;
}
