import { expect, test } from 'vitest';
import { newestRelease, publishedReleases } from '../../../../src/litellm/releases/published-releases.ts';

type File = { filename: string; 'upload-time'?: unknown; yanked?: unknown };

const index = (...files: (string | File)[]) =>
  JSON.stringify({ files: files.map((file) => (typeof file === 'string' ? { filename: file } : file)) });
const wheel = (version: string) => `litellm-${version}-py3-none-any.whl`;

test('finds the newest release by number, not by position, with its date', () => {
  const text = index(
    { filename: wheel('1.108.9'), 'upload-time': '2026-11-10T10:00:00.5Z', yanked: false },
    { filename: wheel('1.108.11'), 'upload-time': '2026-11-20T10:00:00Z', yanked: false },
    wheel('1.99.0'),
  );
  expect(newestRelease(text)).toEqual({ version: [1, 108, 11], date: '2026-11-20' });
});

test.each<[string, string | File]>([
  ['withdrawn', { filename: wheel('1.200.0'), yanked: 'broken' }],
  ['withdrawn without a reason', { filename: wheel('1.200.0'), yanked: true }],
  ['a pre-release', wheel('1.200.0rc1')],
  ['a development release', wheel('1.200.0.dev1')],
  ['a post release, whose number is not its whole name', wheel('1.200.0.post1')],
  ['a source archive', 'litellm-1.200.0.tar.gz'],
  ['of another package', 'litellm_proxy_extras-1.200.0-py3-none-any.whl'],
  ['stolen', wheel('1.107.0')],
])('ignores a release that is %s', (_, file) => {
  expect(newestRelease(index(wheel('1.106.12'), file))?.version).toEqual([1, 106, 12]);
});

test('accepts a release with an invalid or missing date', () => {
  expect(newestRelease(index({ filename: wheel('1.108.11'), 'upload-time': 7 }))?.date).toBeNull();
  expect(newestRelease(index({ filename: wheel('1.108.11'), 'upload-time': 'soon' }))?.date).toBeNull();
});

test('distinguishes an index without installable releases from an invalid index', () => {
  expect(newestRelease(index())).toBeNull();
  expect(newestRelease(index(wheel('1.107.0')))).toBeNull();
  for (const text of ['', '<html>', '{}', '{"files": 1}', '[]']) expect(newestRelease(text)).toBeUndefined();
});

test('lists a release with several wheels once, the oldest release first', () => {
  const text = index(wheel('1.108.11'), 'litellm-1.108.11-cp311-cp311-macosx_11_0_arm64.whl', wheel('1.107.0'));
  expect(publishedReleases(text)?.map(({ version }) => version)).toEqual([
    [1, 107, 0],
    [1, 108, 11],
  ]);
});
