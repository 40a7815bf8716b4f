#!/usr/bin/env node
// Stands in for npm where a checkout installs itself. It knows one call only and fails on any other. FAKE_NPM says how
// to behave, and each call is recorded beside the checkout.
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const expected = 'ci --include=dev --ignore-scripts --no-audit --no-fund --no-progress --loglevel=error';
const { calls, packages, delayMs = 0, failure } = JSON.parse(process.env.FAKE_NPM ?? '{}');
const args = process.argv.slice(2).join(' ');
const stdin = readFileSync(0, 'utf8');
appendFileSync(calls, `${JSON.stringify({ args, cwd: process.cwd(), pid: process.pid, env: process.env })}\n`);

if (args !== expected || stdin !== '') {
  process.stderr.write(`fake npm: did not expect "${args}" with stdin "${stdin}"\n`);
  process.exitCode = 97;
} else if (failure) {
  process.stderr.write(failure);
  process.exitCode = 1;
} else {
  await install();
}

async function install() {
  rmSync('node_modules', { recursive: true, force: true });
  mkdirSync('node_modules');
  const record = '.package-lock.json';
  const others = readdirSync(packages).filter((name) => name !== record);
  for (const name of others) symlinkSync(join(packages, name), join('node_modules', name));
  await sleep(delayMs);
  symlinkSync(join(packages, record), join('node_modules', record));
}
