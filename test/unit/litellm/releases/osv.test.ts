import { expect, it } from 'vitest';
import { osvQuery, parseOsv } from '../../../../src/litellm/releases/osv.ts';
import { CRITICAL, LOW, MALWARE } from '../../../support/fake-osv.ts';

it('asks for one version, or for all, page by page', () => {
  const litellm = { name: 'litellm', ecosystem: 'PyPI' };
  expect(JSON.parse(osvQuery('1.2.3'))).toEqual({ package: litellm, version: '1.2.3' });
  expect(JSON.parse(osvQuery(undefined, 'next'))).toEqual({ package: litellm, page_token: 'next' });
});

it('reads malware, version ranges and severities', () => {
  const answer = parseOsv(JSON.stringify({ vulns: [MALWARE, CRITICAL, LOW], next_page_token: 'next' }));
  expect(answer?.next).toBe('next');
  expect(answer?.advisories).toMatchObject([
    { id: 'MAL-2026-1', kind: 'stolen', what: 'is malware (MAL-2026-1)', versions: ['1.107.0'], date: '2026-10-21' },
    {
      id: 'GHSA-aaaa-bbbb-cccc',
      kind: 'vulnerable',
      what: 'is vulnerable: SQL injection [31m without a key (CVE-2026-42208)',
      ranges: [{ introduced: '1.81.16', fixed: '1.83.7' }],
      source: 'https://osv.dev/vulnerability/GHSA-aaaa-bbbb-cccc',
      date: '2026-04-29',
      from: 'osv',
    },
    { id: 'GHSA-low', kind: 'faulty', date: '' },
  ]);
});

it('distinguishes no advisories from an invalid answer', () => {
  expect(parseOsv('{}')).toEqual({ advisories: [], next: undefined });
  for (const text of ['', '<html>', '[]', '{"vulns": 1}', '{"vulns": [{}]}']) expect(parseOsv(text)).toBeUndefined();
});
