#!/usr/bin/env node
import { existsSync } from 'node:fs';

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
  const { main, systemContext } = await import('../dist/main.js');
  process.exitCode = await main(process.argv.slice(2), systemContext());
  setInterval(endWhenWritten, 250).unref();
}

/** A connection that nobody answers must not keep a command that is over. */
function endWhenWritten() {
  // biome-ignore lint/nursery/noJsRestrictedProperties: nothing is still being written
  if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
}
