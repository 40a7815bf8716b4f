const UNITS = ['kB', 'MB', 'GB', 'TB'];

/** `850 B`, `1.2 MB`, `15.0 GB`: decimal. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length);
  return `${(bytes / 1000 ** power).toFixed(1)} ${UNITS[power - 1]}`;
}
