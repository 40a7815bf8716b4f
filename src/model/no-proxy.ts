/** What no HTTP proxy can lead to: the machine itself. */
export const LOOPBACK = ['localhost', '127.0.0.1', '::1'] as const;

/** The hosts that are reached without an HTTP proxy: those of the user, and always these. */
export function sparedHosts(given: string | undefined, always: readonly string[]): string {
  const own = (given ?? '')
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');
  // A star counts only alone.
  return own.join() === '*' ? '*' : [...new Set([...own, ...always])].join(',');
}
