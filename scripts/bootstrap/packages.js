import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, os?: string[], cpu?: string[], libc?: string[] }} LockedPackage
 * @typedef {Record<string, LockedPackage>} LockedPackages
 */

/**
 * Whether `node_modules/` holds what `package-lock.json` asks for on this machine. npm writes its own record of what it
 * installed, `node_modules/.package-lock.json`, as its last act, so an install cut short has none.
 * @param {string} root
 * @param {{ platform: string, arch: string }} [machine]
 */
export function packagesAreComplete(root, machine = process) {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(join(root, 'node_modules/.package-lock.json'));
  return Object.entries(wanted).every(([path, locked]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) return mayBeAbsent(locked, machine);
    return found.version === locked.version && existsSync(join(root, path, 'package.json'));
  });
}

/**
 * npm leaves out optional packages of other platforms, and what only those need. Which C library runs here is not
 * cheaply known, so a package that names one may be absent too.
 * @param {LockedPackage} locked
 * @param {{ platform: string, arch: string }} machine
 */
function mayBeAbsent({ optional, os, cpu, libc }, { platform, arch }) {
  if (!optional) return false;
  if (libc || (!os && !cpu)) return true;
  return !(os ?? [platform]).includes(platform) || !(cpu ?? [arch]).includes(arch);
}

/**
 * @param {string} path
 * @returns {LockedPackages}
 */
function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
  } catch {
    return {};
  }
}
