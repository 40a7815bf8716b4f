import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../../../../src/model/errors.ts';
import { lockedRelease, NATIVE_DEFAULTS } from '../../../../../src/runtime/native/install/locked-release.ts';
import { caught } from '../../../../support/caught.ts';
import { fakeFiles } from '../../../../support/fake-files.ts';

const files = fakeFiles({
  '/own/litellm-1.200.0.txt': 'own\n',
  '/own/litellm-1.108.11.txt': 'mine\n',
  '/ours/litellm-1.108.11.txt': 'ours\n',
  '/ours/bin': '',
});

test('finds the lock file of the version in the first folder that has one', async () => {
  expect(await lockedRelease('litellm==1.108.11', ['/own', '/ours'], files)).toEqual({
    version: '1.108.11',
    file: '/own/litellm-1.108.11.txt',
    sha256: 'fcbc800db3f1867000b852f1ce0044b8f1584f76ade1ed6e65189824f95c3cda',
  });
  expect((await lockedRelease('litellm==1.108.11', ['/none', '/ours'], files)).file).toBe('/ours/litellm-1.108.11.txt');
});

test('refuses a lock file that installs another release than its name says', async () => {
  const named = '/own/litellm-1.200.1.txt';
  const text = 'aiohttp==3.1.0 \\\n    --hash=sha256:00\nlitellm[proxy]==1.107.0 \\\n    --hash=sha256:11\n';
  expect(await caught(() => lockedRelease('litellm==1.200.1', ['/own'], fakeFiles({ [named]: text })))).toMatchObject({
    code: 'release_unknown',
    exitCode: EXIT.prerequisite,
    message: `The lock file ${named} installs LiteLLM 1.107.0 instead of 1.200.1`,
    hint: 'Rename it to litellm-1.107.0.txt, or create it again',
    details: { file: named, version: '1.200.1', pinned: '1.107.0' },
  });
});

test.each([
  'litellm==1.999.0',
  'ghcr.io/berriai/litellm:v1.108.11',
  'litellm==1.108',
  'litellm==1.108.11/../../x',
  'other==1.108.11',
])('refuses %s, and names the available releases', async (image) => {
  const error = await caught(() => lockedRelease(image, ['/own', '/ours'], files));
  expect([error.code, error.exitCode]).toEqual(['release_unknown', EXIT.prerequisite]);
  expect(error.message).toBe(`No lock file for ${image}, so it cannot be installed natively`);
  expect(error.hint).toContain('Use one of: litellm==1.108.11, litellm==1.200.0\n');
  expect(error.hint).toContain('AGENTS_LLM_NATIVE_LOCKS');
  expect(error.details).toEqual({ image, known: ['1.108.11', '1.200.0'] });
});

describe('the lock file of this package', () => {
  const version = NATIVE_DEFAULTS.image.split('==')[1];
  const text = readFileSync(new URL(`../../../../../templates/native/litellm-${version}.txt`, import.meta.url), 'utf8');
  const entries = text
    .replace(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');

  test('contains only exact versions with hashes, and names no index', () => {
    expect(entries.length).toBeGreaterThan(100);
    for (const entry of entries)
      expect(entry).toMatch(/^[a-z0-9._[\],-]+==[\w.+]+( ; [^-]+?(-[^-]+)*?)?( +--hash=sha256:[0-9a-f]{64})+ *$/);
    expect(text).not.toMatch(/https?:|--index|--find-links/);
  });

  test.each([
    ...[NATIVE_DEFAULTS.image, NATIVE_DEFAULTS.databaseImage, 'prisma==0.11.0', 'psycopg-binary=='],
    // Of providers and callbacks.
    ...['google-auth==', 'langfuse==4.', 'prometheus-client==', 'redis=='],
    ...['opentelemetry-sdk==', 'opentelemetry-exporter-otlp-proto-http==', 'opentelemetry-exporter-otlp-proto-grpc=='],
  ])('contains %s', (start) => {
    expect(entries.some((entry) => entry.replace(/\[.*?\]/, '').startsWith(start))).toBe(true);
  });

  // By scripts/lock-wheels.js: of the packages that have no wheel for every machine.
  const wheels: Readonly<Record<string, Readonly<Record<string, string>>>> = JSON.parse(
    readFileSync(new URL('../../../../fixtures/native-wheels.json', import.meta.url), 'utf8'),
  );

  test.each(
    ['linux x64', 'linux arm64', 'macos arm64'].flatMap((platform) =>
      [10, 11, 12, 13].map((minor) => `${platform}, Python 3.${minor}`),
    ),
  )('names the wheels of %s, so that nothing is compiled', (machine) => {
    const files = Object.entries(wheels[machine] ?? {});
    const names = (list: readonly string[]) => [...new Set(list.map((one) => one.split('==')[0]))];
    const everywhere = Object.values(wheels).flatMap((one) => Object.keys(one));
    expect(names(files.map(([name]) => name)).sort()).toEqual(names(everywhere).sort());
    expect(names(everywhere)).toContain(NATIVE_DEFAULTS.databaseImage.split('==')[0]);
    for (const [name, sha256] of files) {
      const entry = entries.find((one) => one.replace(/\[.*?\]/, '').startsWith(`${name} `));
      expect(entry, `${name}: made anew by scripts/lock-wheels.js?`).toContain(sha256);
    }
  });
});
