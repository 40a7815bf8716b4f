import { CliError } from '../../model/errors.ts';
import type { AdminClient } from './client.ts';

interface Page<Row> {
  readonly rows: readonly Row[];
  /** The number of pages that LiteLLM reports. */
  readonly pages: number | null | undefined;
}

/** More than any LiteLLM has, but a limit for a server that never ends. */
const MOST_ROWS = 100_000;
const MOST_CHARACTERS = 64 * 1024 * 1024;
const LONGEST_MS = 120_000;

/**
 * The rows of all pages, without duplicates. Always ends, whatever number of pages is reported: with the first page without
 * new rows, with `not_litellm` after too many rows, or with `proxy_unreachable` if it takes too long.
 */
export async function allPages<Row>(
  { target, clock, received }: Pick<AdminClient, 'target' | 'clock' | 'received'>,
  idOf: (row: Row) => string,
  read: (page: number) => Promise<Page<Row>>,
): Promise<readonly Row[]> {
  const [until, before] = [clock.now() + LONGEST_MS, received()];
  const all = new Map<string, Row>();
  for (let page = 1; ; page += 1) {
    const { rows, pages } = await read(page);
    const known = all.size;
    for (const row of rows) all.set(idOf(row), row);
    if (all.size === known || page >= (pages ?? 1)) return [...all.values()];
    if (all.size >= MOST_ROWS || received() - before >= MOST_CHARACTERS) throw tooMany(target.url, all.size);
    if (clock.now() >= until) throw tooSlow(target.url, page, pages ?? 1);
  }
}

function tooMany(url: string, rows: number): CliError {
  return new CliError('not_litellm', `LiteLLM at ${url} lists more rows than agents-llm can read`, {
    hint: 'Check the address in LITELLM_BASE_URL or --base-url',
    details: { url, rows },
  });
}

function tooSlow(url: string, page: number, pages: number): CliError {
  const message = `LiteLLM at ${url} is too slow: after ${LONGEST_MS / 60_000} min it has sent page ${page} of ${pages}`;
  return new CliError('proxy_unreachable', message, {
    hint: 'Try again when it is less busy',
    details: { url, page, pages },
  });
}
