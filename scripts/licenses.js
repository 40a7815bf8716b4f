import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {{ name: string, version: string, license: string, text: string }} BundledPackage */

/**
 * The npm packages that have code in the bundle.
 * @param {string} root
 * @param {{ outputs: Readonly<Record<string, { inputs: Readonly<Record<string, { bytesInOutput: number }>> }>> }} bundles
 * @returns {BundledPackage[]}
 */
export function bundledPackages(root, { outputs }) {
  const folders = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([file]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]),
  );
  return [...new Set(folders)]
    .flatMap((folder) => (folder ? [readPackage(join(root, folder))] : []))
    .sort((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version));
}

/**
 * @param {string} folder
 * @returns {BundledPackage}
 */
function readPackage(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)\b/i.test(file));
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
  const known = text || licenseOfReadme(folder) || licenseOfFamily(name, folder);
  if (!license || !known) throw new Error(`${name}@${version} is bundled but has no licence text`);
  return { name, version, license, text: known };
}

/**
 * Some have it there alone.
 * @param {string} folder
 */
function licenseOfReadme(folder) {
  const readme = readdirSync(folder).find((file) => /^readme\b/i.test(file));
  const text = readme ? readFileSync(join(folder, readme), 'utf8') : '';
  return /^#+ licen[cs]e\s*\n([\s\S]*copyright[\s\S]*)/im.exec(text)?.[1]?.trim();
}

/**
 * Prisma publishes some of its packages without the text of the licence that all of them have.
 * @param {string} name
 * @param {string} folder
 */
function licenseOfFamily(name, folder) {
  return name.startsWith('@prisma/') ? readFileSync(join(folder, '..', 'client', 'LICENSE'), 'utf8').trim() : undefined;
}

/** @param {readonly BundledPackage[]} packages */
export function renderLicenses(packages) {
  const rule = '-'.repeat(80);
  const sections = packages.map(
    ({ name, version, license, text }) => `${rule}\n${name} ${version} (${license})\n\n${text}\n`,
  );
  return ['The files in dist/ contain code of the packages below, each under its own licence.\n', ...sections].join(
    '\n',
  );
}
