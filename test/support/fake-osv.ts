import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeOsv {
  readonly url: string;
  /** What was asked, in order. */
  readonly asked: unknown[];
  close(): void;
}

/** Answers each question with the next of the pages, the last for ever; a text is answered as it is. */
export async function startFakeOsv(pages: readonly (object | string)[], status = 200): Promise<FakeOsv> {
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      asked.push(JSON.parse(body));
      const page = pages[Math.min(asked.length, pages.length) - 1] ?? {};
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(typeof page === 'string' ? page : JSON.stringify(page));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1/query`, asked, close: () => void server.close() };
}

/** As OSV has them. */
export const MALWARE = {
  id: 'MAL-2026-1',
  summary: 'Malicious code in litellm (PyPI)',
  published: '2026-10-21T12:00:00Z',
  affected: [{ package: { name: 'litellm', ecosystem: 'PyPI' }, versions: ['1.107.0'] }],
};
export const CRITICAL = {
  id: 'GHSA-aaaa-bbbb-cccc',
  summary: 'SQL injection\u001b[31m without\na key',
  aliases: ['CVE-2026-42208'],
  published: '2026-04-29T08:00:00Z',
  database_specific: { severity: 'CRITICAL' },
  affected: [
    {
      package: { name: 'litellm', ecosystem: 'PyPI' },
      ranges: [
        { type: 'GIT', events: [{ introduced: '0' }, { fixed: 'abcdef' }] },
        { type: 'ECOSYSTEM', events: [{ introduced: '1.81.16' }, { fixed: '1.83.7' }] },
      ],
    },
  ],
};
export const LOW = { id: 'GHSA-low', summary: 'a small thing', database_specific: { severity: 'LOW' }, affected: [] };
