// Prints the package's bill of materials (CycloneDX): the npm packages in the bundle, and what the native runtime installs.
//   node scripts/sbom.js > agents-llm.cdx.json      after npm run build
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { lockedPackages } from './new-litellm/lock.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const LOCKS = 'templates/native';

/** @param {string} file */
const read = (file) => readFileSync(`${root}/${file}`, 'utf8');
const { name } = JSON.parse(read('package.json'));

/** Each as `name@version`. */
const bundled = new Set(
  [...read('THIRD-PARTY-LICENSES.txt').matchAll(/^-{80}\n(\S+) (\S+) \(/gm)].map(([, of, at]) => `${of}@${at}`),
);

/** @typedef {{ 'bom-ref': string, name: string, version: string, properties?: unknown }} Component */
const output = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
/** @type {{ metadata: { component: Component }, components: Component[], dependencies: { ref: string, dependsOn: string[] }[] }} */
const all = JSON.parse(output);

// npm calls all of them development packages, since the published package has no dependencies: they are in its files.
const npm = all.components
  .filter((component) => bundled.has(component['bom-ref']))
  .map(({ properties: _, ...rest }) => rest);
const lost = [...bundled].filter((ref) => !npm.some((component) => component['bom-ref'] === ref));
if (lost.length > 0) throw new Error(`npm does not list what is bundled: ${lost.join(', ')}`);

const locks = readdirSync(`${root}/${LOCKS}`).filter((file) => /^litellm-.*\.txt$/.test(file));
const python = locks.flatMap((file) =>
  [...lockedPackages(read(`${LOCKS}/${file}`))].map(([of, version]) => ({
    'bom-ref': `pkg:pypi/${of}@${version}`,
    type: 'library',
    name: of,
    version,
    scope: 'optional',
    purl: `pkg:pypi/${of}@${version}`,
  })),
);

const bill = {
  ...all,
  metadata: { ...all.metadata, component: { ...all.metadata.component, name } },
  components: [...npm, ...python],
  dependencies: [
    { ref: all.metadata.component['bom-ref'], dependsOn: [...npm, ...python].map((one) => one['bom-ref']) },
  ],
};
process.stdout.write(`${JSON.stringify(bill, null, 2)}\n`);
