// Prepares the move to another LiteLLM: says what changed and what is missing, and writes pins, lock file and recording.
//   node scripts/new-litellm.js VERSION [--dry-run] [--only STEP,…] [--from VERSION,…] [--no-tests]
// Needs Docker, and uv for the lock file. Ends with 1 when a step failed; then nothing is written.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { contractChanges, replay } from './new-litellm/contract.js';
import { withGateway } from './new-litellm/gateway.js';
import { imageFacts, listChanges, requireImage } from './new-litellm/image-facts.js';
import { lockChanges, lockedPackages, lockFailure } from './new-litellm/lock.js';
import { litellmReleases, releasesBefore } from './new-litellm/package-index.js';
import { mayPin, withPins } from './new-litellm/pins.js';
import { schemaChanges } from './new-litellm/schema.js';
import { chosenSteps, createSteps, STEPS, summary } from './new-litellm/steps.js';
import { upgradeFrom } from './new-litellm/upgrade-tests.js';
import { startUpstream } from './new-litellm/upstream.js';
import { sourceModule } from './source-module.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const REPOSITORY = 'ghcr.io/berriai/litellm';
const PREDECESSORS = 3;
const ADVISORIES = 'src/litellm/releases/advisories.json';

const USAGE = `Usage: node scripts/new-litellm.js VERSION [--dry-run] [--only STEP,…] [--from VERSION,…] [--no-tests]
Steps: ${STEPS.join(', ')}`;

const { version, values, chosen } = readCommandLine();
const { run, leaveOut, results, failed } = createSteps(chosen, (text) => process.stdout.write(text));

/** @param {string} path */
const read = (path) => readFileSync(join(root, path), 'utf8');
const { DEFAULT_IMAGE } = await sourceModule('src/model/stack-spec.ts');
/** @type {string} */
const pinned = DEFAULT_IMAGE.split(':v')[1];
const [image, pinnedImage] = [version, pinned].map((wanted) => `${REPOSITORY}:v${wanted}`);
const folder = mkdtempSync(join(tmpdir(), 'agents-llm-new-litellm-'));
/** @type {(() => void)[]} */
const writes = [];

await run('release', `Release ${version}, now ${pinned}`, async () => {
  const { advisoryOf } = await sourceModule('src/litellm/releases/advisories.ts');
  const known = advisoryOf(version.split('.').map(Number));
  if (known && known.kind !== 'faulty') throw new Error(`LiteLLM ${version} ${known.what}: ${known.source}`);
  const releases = await litellmReleases();
  const found = releases.find((release) => release.version === version);
  if (!found) throw new Error(`The package index has no LiteLLM ${version}`);
  return [`Published ${found.day || 'on an unknown day'}; the newest is ${releases.at(-1)?.version}`];
});

await run('advisories', 'Advisories', () => {
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

await run('lock', 'Lock file of the native runtime', () => {
  const { status, stderr, error } = spawnSync(process.execPath, ['scripts/lock-python.js', version, folder], {
    cwd: root,
    encoding: 'utf8',
  });
  if (error) throw error;
  if (status !== 0) throw new Error(lockFailure(stderr));
  const name = `litellm-${version}.txt`;
  writes.push(() => {
    const locks = join(root, 'templates/native');
    // Native stacks of the release before are still started with its own lock file.
    const kept = [name, `litellm-${pinned}.txt`];
    for (const file of readdirSync(locks))
      if (/^litellm-.*\.txt$/.test(file) && !kept.includes(file)) rmSync(join(locks, file));
    copyFileSync(join(folder, name), join(locks, name));
  });
  const [before, after] = [read(`templates/native/litellm-${pinned}.txt`), readFileSync(join(folder, name), 'utf8')];
  return lockChanges(lockedPackages(before), lockedPackages(after));
});

await run('image', 'Data model, price table and settings in the image', () => {
  for (const needed of [image, pinnedImage]) requireImage(`${needed}`);
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

await run('contract', 'Contract of the admin API', async () => {
  requireImage(`${image}`);
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

const mayWrite = !failed() && !values['dry-run'];
const whyNot = failed() ? 'nothing is written, because a step before failed' : 'nothing is written with --dry-run';
if (mayWrite) await run('pins', 'Pins', writeAll);
else leaveOut('pins', 'Pins', whyNot);
for (const older of await olderVersions()) {
  const title = `Upgrade from ${older}`;
  if (values['no-tests']) leaveOut('upgrade', title, 'left out by --no-tests');
  else if (mayWrite) await run('upgrade', title, () => upgradeFrom(root, `${REPOSITORY}:v${older}`));
  else leaveOut('upgrade', title, whyNot);
}
rmSync(folder, { recursive: true, force: true });

process.stdout.write(`\n==> Summary: LiteLLM ${version}, now ${pinned}\n${summary(results)}\n`);
if (failed()) process.exitCode = 1;
else if (mayWrite && chosen.has('pins'))
  process.stdout.write('Read the changes above, then: npm run docs && npm run test:all\n');

function readCommandLine() {
  const options = /** @type {const} */ ({
    'dry-run': { type: 'boolean', default: false },
    only: { type: 'string' },
    from: { type: 'string' },
    'no-tests': { type: 'boolean', default: false },
  });
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const version = positionals[0] ?? '';
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(USAGE);
  return { version, values, chosen: chosenSteps(values.only) };
}

/** The releases to upgrade from: those that --from names, or the last ones. */
async function olderVersions() {
  if (values.from !== undefined) return values.from.split(',').map((older) => older.trim());
  if (!chosen.has('upgrade')) return [];
  try {
    return releasesBefore(await litellmReleases(), version, PREDECESSORS).map((release) => release.version);
  } catch {
    leaveOut('upgrade', 'Upgrade', 'the package index does not answer; name the releases with --from');
    return [];
  }
}

function writeAll() {
  for (const write of writes) write();
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file && mayPin(file));
  const changed = files.flatMap((file) => {
    const text = read(file);
    const pins = withPins(text, pinned, version);
    if (pins === text) return [];
    writeFileSync(join(root, file), pins);
    return [file];
  });
  execFileSync(process.execPath, ['scripts/lock-wheels.js'], { cwd: root });
  return [...changed, 'test/fixtures/native-wheels.json'];
}
