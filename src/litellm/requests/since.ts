/** The moment (milliseconds since 1970) of what `--since` names: seconds back (`3600s`), `30d`, or a date. */
export function sinceMs(text: string, now: number): number {
  const [, count, unit] = /^(\d+)([sd])$/.exec(text) ?? [];
  return count === undefined ? Date.parse(text) : now - Number(count) * (unit === 'd' ? 86_400_000 : 1000);
}
