// Makes test/fixtures/native-wheels.json anew: which file of each locked package a machine takes, where that depends on it.
//   node scripts/lock-wheels.js        after scripts/lock-python.js; needs uv as that does
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const lock = fileURLToPath(new URL('../templates/native/litellm-1.108.11.txt', import.meta.url));
const target = fileURLToPath(new URL('../test/fixtures/native-wheels.json', import.meta.url));
const PYTHONS = [10, 11, 12, 13];
const PLATFORMS = {
  'linux x64': /manylinux.*x86_64/,
  'linux arm64': /manylinux.*aarch64/,
  'macos arm64': /macosx.*(arm64|universal2)/,
};

/** @typedef {{ python: string, abi: string, platform: string, sha256: string }} Wheel */

/** @param {string} entry One of `[[packages]]` in pylock.toml, which has a wheel a line. @returns {Wheel[]} */
function wheelsOf(entry) {
  const found = entry.matchAll(/\/[^/"]+-([^-"/]+)-([^-"/]+)-([^-"/]+)\.whl".*sha256 = "(\w+)"/g);
  return [...found].map(([, python = '', abi = '', platform = '', sha256 = '']) => ({ python, abi, platform, sha256 }));
}

/** @param {Wheel} wheel @param {number} minor Of Python 3. */
function fits({ python, abi }, minor) {
  if (abi === 'abi3') return Number(/^cp3(\d+)/.exec(python)?.[1] ?? 99) <= minor;
  return abi === `cp3${minor}` || (abi === 'none' && /py3/.test(python));
}

const folder = mkdtempSync(join(tmpdir(), 'agents-llm-wheels-'));
try {
  const [wanted, made] = [join(folder, 'wanted.txt'), join(folder, 'pylock.toml')];
  writeFileSync(wanted, readFileSync(lock, 'utf8').replace(/ \\$|^ +--hash.*\n|^#.*\n/gm, ''));
  const flags = ['--universal', '--no-deps', '--python-version', '3.10', '--format', 'pylock.toml', '-q'];
  execFileSync('uv', ['pip', 'compile', ...flags, wanted, '-o', made], { stdio: ['ignore', 'ignore', 'inherit'] });
  /** @type {Record<string, Record<string, string>>} */
  const files = {};
  for (const entry of readFileSync(made, 'utf8').split('[[packages]]').slice(1)) {
    const wheels = wheelsOf(entry);
    if (wheels.some(({ platform }) => platform === 'any')) continue;
    const [, name, version] = /^name = "(.*)"\nversion = "(.*)"/m.exec(entry) ?? [];
    for (const [platform, pattern] of Object.entries(PLATFORMS)) {
      for (const minor of PYTHONS) {
        const wheel = wheels.find((one) => pattern.test(one.platform) && fits(one, minor));
        if (!wheel) continue;
        const machine = `${platform}, Python 3.${minor}`;
        files[machine] = { ...files[machine], [`${name}==${version}`]: wheel.sha256 };
      }
    }
  }
  writeFileSync(target, `${JSON.stringify(files, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
