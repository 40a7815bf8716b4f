export interface SkippedCase {
  /** File, suites and test, or file and suites alone when all of a suite was skipped. */
  readonly path: readonly string[];
  readonly reason: string | undefined;
}

/** What was not run, grouped by its reason. */
export function skippedSummary(cases: readonly SkippedCase[]): string {
  const lines = [...groupBy(cases, ({ reason = 'no reason given' }) => reason)].flatMap(([reason, skipped]) => [
    `   ${reason}:`,
    ...[...groupBy(skipped, ({ path }) => path.join(' > '))].map(([place, { length }]) =>
      length > 1 ? `     ${place} (${length} tests)` : `     ${place}`,
    ),
  ]);
  return `\n Skipped: ${cases.length} test${cases.length === 1 ? '' : 's'}\n${lines.join('\n')}\n`;
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
