#!/usr/bin/env node
import { existsSync, lstatSync, mkdirSync, realpathSync } from 'node:fs';
import module from 'node:module';
import { dirname, isAbsolute, join } from 'node:path';

// Kept to syntax that Node 12 parses, so that an old Node gets the sentence below instead of a SyntaxError.
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `agents-llm needs Node.js 20.19 or later, but this is ${process.version} (${process.execPath}). See https://nodejs.org\n`,
  );
  process.exitCode = 5;
} else {
  void run();
}

async function run() {
  if (existsSync(new URL('../src', import.meta.url))) {
    const { ensureBuilt } = await import('../scripts/bootstrap/ensure.js');
    if (!(await ensureBuilt())) return;
  }
  keepCompiledCode();
  const { main, systemContext } = await import('../dist/main.js');
  process.exitCode = await main(process.argv.slice(2), systemContext());
  setInterval(endWhenWritten, 250).unref();
}

/** Saves the next run the compilation, on a Node that can (22.1). Without it a run is only slower. */
function keepCompiledCode() {
  const { HOME, XDG_CACHE_HOME, NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE } = process.env;
  if (!module.enableCompileCache || !process.getuid || NODE_COMPILE_CACHE || NODE_DISABLE_COMPILE_CACHE) return;
  const caches = isAbsolute(XDG_CACHE_HOME || '') ? XDG_CACHE_HOME : join(HOME || '.', '.cache');
  if (!isAbsolute(caches)) return;
  try {
    const folder = join(caches, 'agents-llm', 'compiled');
    if (!onlyWeWrite(nearestExisting(folder))) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (onlyWeWrite(folder)) module.enableCompileCache(folder);
  } catch {
    // A home that is read-only or does not exist.
  }
}

/** @param {string} path */
function nearestExisting(path) {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

/**
 * Whoever could write to the cache would have us run their code. So the folder is ours, and nobody but us and root can
 * replace it or one above it.
 * @param {string} path
 */
function onlyWeWrite(path) {
  const uid = process.getuid();
  let folder = realpathSync(path);
  if (lstatSync(folder).uid !== uid) return false;
  for (;;) {
    const { mode, uid: owner } = lstatSync(folder);
    const isShared = (mode & 0o022) !== 0 && (mode & 0o1000) === 0;
    if (isShared || (owner !== uid && owner !== 0)) return false;
    if (dirname(folder) === folder) return true;
    folder = dirname(folder);
  }
}

/** A connection that nobody answers must not keep a command that is over. */
function endWhenWritten() {
  // biome-ignore lint/nursery/noJsRestrictedProperties: nothing is still being written
  if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
}
