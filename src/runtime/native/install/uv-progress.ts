/** Turns uv's output into a progress detail. uv does not announce packages below 1 MB. */
export function uvProgress(report: (text: string) => void): (line: string) => void {
  const sizes = new Map<string, number>();
  const done = new Set<string>();
  return (line) => {
    const started = /^Downloading (\S+) \(([\d.]+)([KMG]i?B)\)/.exec(line.trim());
    if (started?.[1]) sizes.set(started[1], Number(started[2]) * (UNITS[started[3]?.charAt(0) ?? ''] ?? 0));
    const finished = /^Downloaded (\S+)/.exec(line.trim())?.[1];
    if (finished !== undefined) done.add(finished);
    if (started || finished !== undefined) report(describe(sizes, done));
    else if (/^(Resolved|Prepared|Installed) \d+ packages/.test(line)) report(line.trim());
  };
}

const UNITS: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

function describe(sizes: ReadonlyMap<string, number>, done: ReadonlySet<string>): string {
  const sum = (names: Iterable<string>) => [...names].reduce((total, name) => total + (sizes.get(name) ?? 0), 0);
  const megabytes = (bytes: number) => Math.round(bytes / 1e6);
  return `${done.size} of ${sizes.size} large packages, ${megabytes(sum(done))} of ${megabytes(sum(sizes.keys()))} MB`;
}
