// Prepares the move to another LiteLLM: says what changed and what is missing, and writes pins, lock file and recording.
//   node scripts/new-litellm.js VERSION [--check] [--no-tests]
// Needs Docker, and uv for the lock file. With --check the checkout stays as it is. Ends with 1 when something is missing.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { contractChanges, replay } from './new-litellm/contract.js';
import { withGateway } from './new-litellm/gateway.js';
import { hasImage, imageFacts, listChanges } from './new-litellm/image-facts.js';
import { lockChanges, lockedPackages, missingPackages } from './new-litellm/lock.js';
import { litellmReleases, releasesBefore } from './new-litellm/package-index.js';
import { mayPin, withPins } from './new-litellm/pins.js';
import { schemaChanges } from './new-litellm/schema.js';
import { startUpstream } from './new-litellm/upstream.js';
import { sourceModule } from './source-module.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const REPOSITORY = 'ghcr.io/berriai/litellm';
const PREDECESSORS = 3;
const ADVISORIES = 'src/litellm/releases/advisories.json';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: 'boolean', default: false }, 'no-tests': { type: 'boolean', default: false } },
});
const version = positionals[0] ?? '';
if (!/^\d+\.\d+\.\d+$/.test(version))
  throw new Error('Usage: node scripts/new-litellm.js VERSION [--check] [--no-tests]');

/** @param {string} path */
const read = (path) => readFileSync(join(root, path), 'utf8');
const { DEFAULT_IMAGE } = await sourceModule('src/model/stack-spec.ts');
/** @type {string} */
const pinned = DEFAULT_IMAGE.split(':v')[1];
const [image, pinnedImage] = [version, pinned].map((wanted) => `${REPOSITORY}:v${wanted}`);
const folder = mkdtempSync(join(tmpdir(), 'agents-llm-new-litellm-'));
/** @type {string[]} */
const missing = [];
/** @type {(() => void)[]} */
const writes = [];

/**
 * @param {string} name
 * @param {() => Promise<readonly string[]> | readonly string[]} work
 */
async function step(name, work) {
  process.stdout.write(`\n==> ${name}\n`);
  try {
    const lines = await work();
    process.stdout.write(`${lines.length > 0 ? lines.join('\n') : 'Nothing changed'}\n`);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    missing.push(`${name}: ${text.split('\n')[0]}`);
    process.stdout.write(`MISSING: ${text}\n`);
  }
}

/** @type {readonly import('./new-litellm/package-index.js').Release[]} */
let releases = [];

await step(`Release ${version}, now ${pinned}`, async () => {
  const { advisoryOf } = await sourceModule('src/litellm/releases/advisories.ts');
  const known = advisoryOf(version.split('.').map(Number));
  if (known && known.kind !== 'faulty') throw new Error(`LiteLLM ${version} ${known.what}: ${known.source}`);
  releases = await litellmReleases();
  const found = releases.find((release) => release.version === version);
  if (!found) throw new Error(`The package index has no LiteLLM ${version}`);
  return [`Published ${found.day || 'on an unknown day'}; the newest is ${releases.at(-1)?.version}`];
});

await step('Advisories', () => {
  copyFileSync(join(root, ADVISORIES), join(folder, 'advisories.json'));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['scripts/advisories.js', join(folder, 'advisories.json')],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  // Only where there is internet; the rows of before stay.
  if (status !== 0) return [`OSV did not answer, so the list stays as it is: ${stderr.trim().split('\n').at(-1)}`];
  writes.push(() => copyFileSync(join(folder, 'advisories.json'), join(root, ADVISORIES)));
  return [stdout.trim()];
});

await step('Lock file of the native runtime', () => {
  const { status, stderr, error } = spawnSync(process.execPath, ['scripts/lock-python.js', version, folder], {
    cwd: root,
    encoding: 'utf8',
  });
  if (error) throw error;
  if (status !== 0) {
    const lacking = missingPackages(stderr);
    throw new Error(lacking.length > 0 ? `The package index lacks ${lacking.join(', ')}` : stderr.trim());
  }
  const name = `litellm-${version}.txt`;
  writes.push(() => {
    copyFileSync(join(folder, name), join(root, 'templates/native', name));
    if (version !== pinned) rmSync(join(root, `templates/native/litellm-${pinned}.txt`));
  });
  const [before, after] = [read(`templates/native/litellm-${pinned}.txt`), readFileSync(join(folder, name), 'utf8')];
  return lockChanges(lockedPackages(before), lockedPackages(after));
});

await step('Data model, price table and settings in the image', () => {
  for (const needed of [image, pinnedImage]) if (!hasImage(`${needed}`)) throw new Error(`There is no image ${needed}`);
  const [after, before] = [imageFacts(`${image}`), imageFacts(`${pinnedImage}`)];
  if (after.version !== version) throw new Error(`The image ${image} has LiteLLM ${after.version}`);
  return [
    ...schemaChanges(before.schema, after.schema).map((change) => `data model: ${change}`),
    ...listChanges(before.prices, after.prices).map((change) => `price table: ${change}`),
    ...listChanges(before.generalSettings, after.generalSettings).map(
      (change) => `general_settings: ${change}; see known-keys.json`,
    ),
  ];
});

await step('Contract of the admin API', async () => {
  if (!hasImage(`${image}`)) throw new Error(`There is no image ${image}`);
  /** @type {import('./new-litellm/contract.js').Exchange[]} */
  const before = JSON.parse(read(`test/fixtures/contract/litellm-${pinned}.json`));
  const upstream = await startUpstream();
  try {
    const replaced = { 'http://rig-openai:8080/v1': upstream.url };
    const after = await withGateway(`${image}`, (gateway) => replay(before, { ...gateway, replaced }));
    writes.push(() => {
      writeFileSync(
        join(root, `test/fixtures/contract/litellm-${version}.json`),
        `${JSON.stringify(after, null, 1)}\n`,
      );
      if (version !== pinned) rmSync(join(root, `test/fixtures/contract/litellm-${pinned}.json`));
    });
    return contractChanges(before, after);
  } finally {
    upstream.close();
  }
});

if (missing.length > 0) {
  process.stdout.write(
    `\nNothing was written, because something is missing:\n${missing.map((line) => `- ${line}\n`).join('')}`,
  );
  process.exitCode = 1;
} else if (values.check) {
  process.stdout.write('\nAll is there. Without --check the pins, the lock file and the recording are written.\n');
} else {
  await step('Pins', writeAll);
  if (!values['no-tests']) {
    for (const older of releasesBefore(releases, version, PREDECESSORS)) {
      await step(`Upgrade from ${older.version}`, () => upgradeFrom(older.version));
    }
  }
  process.stdout.write(`\nRead the changes above, then: npm run docs && npm run test:all\n`);
  if (missing.length > 0) process.exitCode = 1;
}
rmSync(folder, { recursive: true, force: true });

function writeAll() {
  for (const write of writes) write();
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file && mayPin(file));
  return files.flatMap((file) => {
    const text = read(file);
    const pins = withPins(text, pinned, version);
    if (pins === text) return [];
    writeFileSync(join(root, file), pins);
    return [file];
  });
}

/** @param {string} older */
function upgradeFrom(older) {
  const from = `${REPOSITORY}:v${older}`;
  if (!hasImage(from)) throw new Error(`There is no image ${from}`);
  const env = { ...process.env, AGENTS_LLM_E2E: 'required', AGENTS_LLM_TEST_OLDER_LITELLM: from };
  const options = /** @type {const} */ ({ cwd: root, env, encoding: 'utf8' });
  execFileSync('npm', ['run', '--silent', 'build'], options);
  const { status, stdout } = spawnSync(
    'npx',
    ['vitest', 'run', '--project', 'e2e', 'test/e2e/upgrade.test.ts'],
    options,
  );
  if (status !== 0) throw new Error(stdout.trim());
  return ['test/e2e/upgrade.test.ts passed: nothing of its data was lost'];
}
