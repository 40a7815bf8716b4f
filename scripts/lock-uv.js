// Makes src/runtime/native/install/uv-wheels.json anew: the uv that installs the packages of the native runtime.
//   node scripts/lock-uv.js VERSION
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const version = process.argv[2] ?? '0.13.9';
const target = fileURLToPath(new URL('../src/runtime/native/install/uv-wheels.json', import.meta.url));
// By what Python calls the machine.
const PLATFORMS = {
  'linux-x86_64': /manylinux_2_17_x86_64/,
  'linux-aarch64': /manylinux_2_17_aarch64/,
  'linux-x86_64-musl': /musllinux_1_1_x86_64/,
  'linux-aarch64-musl': /musllinux_1_1_aarch64/,
  'darwin-x86_64': /macosx_\d+_\d+_x86_64/,
  'darwin-arm64': /macosx_\d+_\d+_arm64/,
  'win32-AMD64': /win_amd64/,
  'win32-ARM64': /win_arm64/,
};

const answer = await fetch('https://pypi.org/simple/uv/', {
  headers: { accept: 'application/vnd.pypi.simple.v1+json' },
});
/** @typedef {{ filename: string, size: number, hashes: { sha256: string } }} Wheel */
const { files } = /** @type {{ files: Wheel[] }} */ (await answer.json());
const wheels = files.filter(({ filename }) => filename.startsWith(`uv-${version}-`) && filename.endsWith('.whl'));
/** @type {Record<string, { file: string, sha256: string, bytes: number }>} */
const found = {};
for (const [platform, pattern] of Object.entries(PLATFORMS)) {
  const wheel = wheels.find(({ filename }) => pattern.test(filename));
  if (!wheel) throw new Error(`uv ${version} has no wheel for ${platform}`);
  found[platform] = { file: wheel.filename, sha256: wheel.hashes.sha256, bytes: wheel.size };
}
writeFileSync(target, `${JSON.stringify({ version, wheels: found }, null, 2)}\n`);
