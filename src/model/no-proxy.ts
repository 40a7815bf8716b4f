/** The machine itself, which no HTTP proxy can reach. */
export const LOOPBACK = ['localhost', '127.0.0.1', '::1'] as const;

/** The value of NO_PROXY: the user's hosts, and the ones that are always reached without an HTTP proxy. */
export function sparedHosts(given: string | undefined, always: readonly string[]): string {
  const own = (given ?? '')
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');
  // A star only works alone.
  return own.join() === '*' ? '*' : [...new Set([...own, ...always])].join(',');
}
