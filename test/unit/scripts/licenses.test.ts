import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundledPackages, renderLicenses } from '../../../scripts/licenses.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'agents-llm-licenses-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test('lists each package with code in the bundle once, nested and scoped ones too', () => {
  addPackage('node_modules/zeta', { LICENSE: 'zeta terms' });
  addPackage('node_modules/@scope/alpha', { 'license.md': 'alpha terms', NOTICE: 'alpha notice' });
  addPackage('node_modules/zeta/node_modules/nested', { 'LICENCE.txt': 'nested terms' });
  addPackage('node_modules/shaken-away', { LICENSE: 'unused' });
  const packages = bundledPackages(
    root,
    metafile({
      'src/main.ts': 10,
      'node_modules/zeta/index.js': 10,
      'node_modules/zeta/lib/other.js': 10,
      'node_modules/zeta/node_modules/nested/index.js': 10,
      'node_modules/@scope/alpha/dist/index.js': 10,
      'node_modules/shaken-away/index.js': 0,
    }),
  );
  expect(packages).toEqual([
    { name: '@scope/alpha', version: '1.0.0', license: 'MIT', text: 'alpha notice\n\nalpha terms' },
    { name: 'nested', version: '1.0.0', license: 'MIT', text: 'nested terms' },
    { name: 'zeta', version: '1.0.0', license: 'MIT', text: 'zeta terms' },
  ]);
  expect(renderLicenses(packages)).toContain('@scope/alpha 1.0.0 (MIT)\n\nalpha notice\n\nalpha terms\n');
});

test('fails the build for a package without a licence text', () => {
  addPackage('node_modules/bare', {});
  expect(() => bundledPackages(root, metafile({ 'node_modules/bare/index.js': 10 }))).toThrow(
    'bare@1.0.0 is bundled but has no licence text',
  );
});

function addPackage(folder: string, files: Readonly<Record<string, string>>): void {
  const name = folder.replace(/^.*node_modules\//, '');
  const manifest = JSON.stringify({ name, version: '1.0.0', license: 'MIT' });
  for (const [file, text] of Object.entries({ 'package.json': manifest, ...files })) {
    const path = join(root, folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${text}\n`);
  }
}

function metafile(bytes: Readonly<Record<string, number>>) {
  const inputs = Object.fromEntries(Object.entries(bytes).map(([file, size]) => [file, { bytesInOutput: size }]));
  return { outputs: { 'dist/main.js': { inputs } } };
}
