import type { DataRows } from './data-rows.ts';

export interface DataCounts {
  readonly providers: number;
  readonly aliases: number;
  readonly keys: number;
  readonly teams: number;
}

export function countRows({ providers, aliases, keys, teams }: DataRows): DataCounts {
  return { providers: providers.length, aliases: aliases.length, keys: keys.length, teams: teams.length };
}

/** Like `describeCounts`, for an archive. */
export function describeArchive({
  counts,
  withoutLogs,
}: {
  readonly counts: DataCounts;
  readonly withoutLogs?: boolean | undefined;
}): string {
  return `${describeCounts(counts)}${withoutLogs ? ', no request log' : ''}`;
}

/** `2 providers, 1 alias, 0 keys, 0 teams` */
export function describeCounts(counts: DataCounts): string {
  const plural = (count: number, singular: string, many: string) => `${count} ${count === 1 ? singular : many}`;
  return [
    plural(counts.providers, 'provider', 'providers'),
    plural(counts.aliases, 'alias', 'aliases'),
    plural(counts.keys, 'key', 'keys'),
    plural(counts.teams, 'team', 'teams'),
  ].join(', ');
}
