import * as z from 'zod/mini';
import { jsonAs } from '../../text/json.ts';
import type { Advisory, VersionRange } from './advisories.ts';

/** The advisory database that PyPI's tools use. */
export const OSV_URL = 'https://api.osv.dev/v1/query';

const text = z.catch(z.string(), '');
const list = <Entry extends z.ZodMiniType>(entry: Entry) => z.catch(z.array(entry), []);
const EVENT = z.object({
  introduced: z.optional(z.string()),
  fixed: z.optional(z.string()),
  last_affected: z.optional(z.string()),
});
const VULNERABILITY = z.object({
  id: z.string(),
  summary: text,
  aliases: list(z.string()),
  published: text,
  database_specific: z.catch(z.object({ severity: text }), { severity: '' }),
  affected: list(
    z.object({
      package: z.catch(z.object({ name: text, ecosystem: text }), { name: '', ecosystem: '' }),
      ranges: list(z.object({ type: text, events: list(EVENT) })),
      versions: list(z.string()),
    }),
  ),
});
const ANSWER = z.object({
  vulns: z.optional(z.array(VULNERABILITY)),
  next_page_token: z.optional(z.string()),
});

type Vulnerability = z.infer<typeof VULNERABILITY>;

export interface OsvAnswer {
  readonly advisories: readonly Advisory[];
  /** The token of the next page; undefined on the last page. */
  readonly next: string | undefined;
}

/** The body of a query about one version, or about all of them. */
export function osvQuery(version?: string, page?: string): string {
  const asked = { package: { name: 'litellm', ecosystem: 'PyPI' }, ...(version === undefined ? {} : { version }) };
  return JSON.stringify(page === undefined ? asked : { ...asked, page_token: page });
}

/** Undefined if it is not a response of OSV. */
export function parseOsv(body: string): OsvAnswer | undefined {
  const data = jsonAs(ANSWER, body);
  return data && { advisories: (data.vulns ?? []).map(advisory), next: data.next_page_token || undefined };
}

function advisory(found: Vulnerability): Advisory {
  const { id, summary, aliases, published, database_specific, affected } = found;
  const own = affected.filter(({ package: { name } }) => name.toLowerCase() === 'litellm');
  const isStolen = [id, ...aliases].some((name) => name.startsWith('MAL-'));
  const isBad = ['HIGH', 'CRITICAL'].includes(database_specific.severity.toUpperCase());
  const cve = [id, ...aliases].find((name) => name.startsWith('CVE-')) ?? id;
  const what = isStolen ? 'is malware' : `is vulnerable: ${plain(summary) || 'see the source'}`;
  return {
    id: plain(id),
    kind: isStolen ? 'stolen' : isBad ? 'vulnerable' : 'faulty',
    what: `${what} (${plain(cve)})`,
    ranges: own.flatMap(({ ranges }) => ranges.flatMap(({ type, events }) => (type === 'GIT' ? [] : rangesOf(events)))),
    versions: own.flatMap(({ versions }) => versions),
    source: `https://osv.dev/vulnerability/${encodeURIComponent(id)}`,
    date: /^\d{4}-\d{2}-\d{2}/.exec(published)?.[0] ?? '',
    from: 'osv',
  };
}

/** Each range starts with `introduced` and ends with the event after it. */
function rangesOf(events: readonly z.infer<typeof EVENT>[]): VersionRange[] {
  const ranges: VersionRange[] = [];
  for (const { introduced, fixed, last_affected } of events) {
    if (introduced !== undefined) ranges.push({ introduced });
    const open = ranges.at(-1);
    if (!open || introduced !== undefined) continue;
    ranges[ranges.length - 1] = {
      ...open,
      ...(fixed === undefined ? {} : { fixed }),
      ...(last_affected === undefined ? {} : { lastAffected: last_affected }),
    };
  }
  return ranges;
}

/** Untrusted text as one short line. */
function plain(written: string): string {
  return written
    .slice(0, 200)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
}
