import { describe, expect, test } from 'vitest';
import { listChanges } from '../../../scripts/new-litellm/image-facts.js';
import { lockChanges, lockedPackages, lockFailure, missingPackages } from '../../../scripts/new-litellm/lock.js';
import { releasesBefore, releasesIn } from '../../../scripts/new-litellm/package-index.js';
import { mayPin, withPins } from '../../../scripts/new-litellm/pins.js';
import { schemaChanges } from '../../../scripts/new-litellm/schema.js';
import { chosenSteps, createSteps, STEPS, summary } from '../../../scripts/new-litellm/steps.js';
import { countIn, failureIn } from '../../../scripts/new-litellm/upgrade-tests.js';

const HASH = ' \\\n    --hash=sha256:0\n';

describe('changes in a new LiteLLM', () => {
  test('lockChanges lists the packages that changed in the lock file', () => {
    const before = lockedPackages(
      `# head\nlitellm==1.0.0${HASH}old==1${HASH}psycopg[binary]==3.1 ; python_version > '3'${HASH}`,
    );
    const after = lockedPackages(`litellm==1.0.1${HASH}fresh==2${HASH}psycopg[binary]==3.1${HASH}`);
    expect(lockChanges(before, after)).toEqual(['fresh 2 is new', 'litellm 1.0.0 is now 1.0.1', 'old is gone']);
    expect(lockChanges(before, before)).toEqual([]);
  });

  test('schemaChanges lists the fields that changed, as the schema compiler reads them', () => {
    const schema = (field: string) =>
      `datasource db {\n provider = "postgresql"\n url = "x"\n}\nmodel A {\n id String @id\n ${field}\n}`;
    expect(schemaChanges(schema('n Int?'), schema('n Int?'))).toEqual([]);
    expect(schemaChanges(schema('n Int?'), schema('n Int'))).toEqual(['1 new: A.n Int', '1 gone: A.n Int?']);
    expect(() => schemaChanges(schema('n Int?'), schema('n Nothing'))).toThrow(/Nothing/);
  });

  test('listChanges shortens long lists', () => {
    expect(listChanges(['a'], ['a', 'b'])).toEqual(['1 new: b']);
    expect(listChanges([], [...'abcdefghij'])).toEqual(['10 new: a, b, c, d, e, f, g, h …']);
  });
});

test.each([
  [
    'Because there is no version of litellm-proxy-extras==0.4.30 and\n   litellm[proxy]==1.108.13 depends on it',
    ['litellm-proxy-extras==0.4.30'],
  ],
  ['Because litellm-proxy was not found in the package registry and', ['litellm-proxy']],
  ['Because there are no versions of litellm[proxy]==9.9.9', ['litellm[proxy]==9.9.9']],
  ['error: something else', []],
])('reads the packages that the index lacks from the message of uv: %s', (text, missing) => {
  expect(missingPackages(text)).toEqual(missing);
});

describe('the reason why there is no lock file', () => {
  test.each([
    [
      'uv is missing',
      'node:internal/child_process:1123\n    throw err;\n\nError: spawnSync uv ENOENT\n    at Object.spawnSync',
      'uv not found on PATH. Install it: python3 -m pip install uv',
    ],
    [
      'a package is missing',
      'Because there is no version of litellm-proxy-extras==0.4.30',
      'The package index lacks litellm-proxy-extras==0.4.30',
    ],
    ['uv failed otherwise', 'error: no route to host\n', 'error: no route to host'],
  ])('is in one line when %s', (_, output, expected) => expect(lockFailure(output)).toBe(expected));
});

describe('releases of the index', () => {
  const wheel = (version: string, more = {}) => ({ filename: `litellm-${version}-py3-none-any.whl`, ...more });
  const files = [
    wheel('1.108.11', { 'upload-time': '2026-11-20T00:00:00Z' }),
    wheel('1.108.9'),
    wheel('1.108.10', { yanked: true }),
    wheel('1.108.12rc1'),
    wheel('1.90.2'),
    { filename: 'litellm-1.90.2-cp311-cp311-macosx_11_0_arm64.whl' },
    { filename: 'litellm-1.108.8.tar.gz' },
  ];
  const releases = releasesIn(JSON.stringify({ files }));

  test('are complete, not withdrawn, and sorted by version number', () => {
    expect(releases.map(({ version }) => version)).toEqual(['1.90.2', '1.108.9', '1.108.11']);
    expect(releases.at(-1)?.day).toBe('2026-11-20');
  });

  test('are listed backwards from a given version', () => {
    expect(releasesBefore(releases, '1.108.11', 3).map(({ version }) => version)).toEqual(['1.108.9', '1.90.2']);
    expect(releasesBefore(releases, '1.108.11', 1).map(({ version }) => version)).toEqual(['1.108.9']);
    expect(releasesBefore(releases, '1.200.0', 3)).toEqual([]);
  });
});

describe('version pins', () => {
  test.each([
    ['image: ghcr.io/berriai/litellm:v1.108.11', 'image: ghcr.io/berriai/litellm:v1.108.12'],
    ["'litellm==1.108.11'", "'litellm==1.108.12'"],
    ["version: '1.108.11', and 1.108.11.", "version: '1.108.12', and 1.108.12."],
    ['contract/litellm-1.108.11.json', 'contract/litellm-1.108.12.json'],
    ['/litellm:v1\\.108\\.11$/', '/litellm:v1\\.108\\.12$/'],
    ['{ to: [1, 108, 11] }', '{ to: [1, 108, 12] }'],
    // Not recorded again, not the same version.
    ['fixtures/contract/chat-1.108.11.json', 'fixtures/contract/chat-1.108.11.json'],
    ['1.108.110 11.108.11 1.108.11.2 [11, 108, 11]', '1.108.110 11.108.11 1.108.11.2 [11, 108, 11]'],
  ])('updates or keeps the pins in "%s"', (text, expected) => {
    expect(withPins(text, '1.108.11', '1.108.12')).toBe(expected);
  });

  test('keeps the versions in historical notes', () => {
    expect(['src/model/stack-spec.ts', 'docker-compose.yml', 'docs/data.md'].every(mayPin)).toBe(true);
    expect(
      [
        'CHANGELOG.md',
        'docs/decisions/native.md',
        'test/fixtures/contract/litellm-1.108.11.json',
        'test/support/recorded-chat.ts',
        'test/unit/scripts/new-litellm.test.ts',
      ].some(mayPin),
    ).toBe(false);
  });
});

describe('steps', () => {
  test('are all of them, or those of --only with what they need', () => {
    expect([...chosenSteps(undefined)]).toEqual([...STEPS]);
    expect([...chosenSteps('upgrade, image')]).toEqual(['image', 'upgrade']);
    expect([...chosenSteps('pins')]).toEqual(['lock', 'contract', 'pins']);
    expect(() => chosenSteps('lock,pin')).toThrow(`Unknown step "pin". Use some of ${STEPS.join(', ')}`);
  });

  test('go on after a failed one, and end with a line for each', async () => {
    let printed = '';
    const { run, leaveOut, results, failed } = createSteps(chosenSteps('lock,image,contract,upgrade'), (text) => {
      printed += text;
    });
    await run('release', 'Release', () => ['not chosen']);
    await run('lock', 'Lock file', () => {
      throw new Error('The package index lacks litellm-proxy\nmore');
    });
    await run('image', 'Image', async () => []);
    await run('contract', 'Contract', () => ['.a is new', '.b is gone']);
    leaveOut('upgrade', 'Upgrade from 1.2.3', 'nothing is written, because a step before failed');
    expect(failed()).toBe(true);
    expect(printed).toBe(`
==> Lock file
Failed: The package index lacks litellm-proxy
more

==> Image
Nothing changed

==> Contract
.a is new
.b is gone
`);
    expect(summary(results)).toBe(`failed    Lock file           The package index lacks litellm-proxy
ok        Image               nothing changed
ok        Contract            2 lines above
left out  Upgrade from 1.2.3  nothing is written, because a step before failed
`);
  });

  test('read what Vitest counted and which test failed', () => {
    const output = '\x1b[2m      Tests \x1b[22m \x1b[1m5 passed\x1b[22m | 1 skipped (6)\n';
    expect(countIn(output)).toBe('5 passed | 1 skipped');
    expect(countIn('nothing')).toBe('no test ran');
    expect(failureIn('\x1b[41m FAIL \x1b[49m e2e test/e2e/upgrade.test.ts > keeps its data\n')).toBe(
      ' at "e2e test/e2e/upgrade.test.ts > keeps its data"',
    );
    expect(failureIn(output)).toBe('');
  });
});
