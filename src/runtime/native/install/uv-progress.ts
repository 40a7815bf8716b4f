/** Turns what uv prints while it downloads into a detail for the progress; packages below 1 MB are not announced by it. */
export function uvProgress(tell: (text: string) => void): (line: string) => void {
  const sizes = new Map<string, number>();
  const done = new Set<string>();
  return (line) => {
    const began = /^Downloading (\S+) \(([\d.]+)([KMG]i?B)\)/.exec(line.trim());
    if (began?.[1]) sizes.set(began[1], Number(began[2]) * (UNITS[began[3]?.charAt(0) ?? ''] ?? 0));
    const ended = /^Downloaded (\S+)/.exec(line.trim())?.[1];
    if (ended !== undefined) done.add(ended);
    if (began || ended !== undefined) tell(describe(sizes, done));
    else if (/^(Resolved|Prepared|Installed) \d+ packages/.test(line)) tell(line.trim());
  };
}

const UNITS: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

function describe(sizes: ReadonlyMap<string, number>, done: ReadonlySet<string>): string {
  const sum = (names: Iterable<string>) => [...names].reduce((total, name) => total + (sizes.get(name) ?? 0), 0);
  const megabytes = (bytes: number) => Math.round(bytes / 1e6);
  return `${done.size} of ${sizes.size} large packages, ${megabytes(sum(done))} of ${megabytes(sum(sizes.keys()))} MB`;
}
