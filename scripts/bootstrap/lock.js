import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 200;
const heartbeatMs = 2_000;
// A process id says nothing about another machine or container that shares the folder, nor once it is used again.
const silentForMs = 30_000;

/** @typedef {{ pid: number, host: string, startedAt: string }} Owner */

/**
 * Runs `work` while no other process does. A lock whose owner has died is taken over.
 * @template T
 * @param {string} path
 * @param {{ onWait: (owner: Owner | undefined) => void }} options
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, { onWait }, work) {
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), startedAt: new Date().toISOString() });
  await acquire(path, mine, onWait);
  const heartbeat = setInterval(() => touch(path, mine), heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if (read(path) === mine) rmSync(path, { force: true });
  }
}

/**
 * @param {string} path
 * @param {string} mine
 * @param {(owner: Owner | undefined) => void} onWait
 */
async function acquire(path, mine, onWait) {
  let told = false;
  while (!create(path, mine)) {
    const current = read(path);
    if (current !== undefined && isAbandoned(path, current)) {
      if (await takeOver(path, mine)) return;
    } else {
      if (!told) onWait(parseOwner(current));
      told = true;
      await sleep(pollMs);
    }
  }
}

/**
 * @param {string} path
 * @param {string} mine
 */
function create(path, mine) {
  try {
    writeFileSync(path, mine, { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Several may find the same abandoned lock. Each puts its own in place in one move, and the last one holds it.
 * @param {string} path
 * @param {string} mine
 */
async function takeOver(path, mine) {
  const claim = `${path}.${process.pid}`;
  writeFileSync(claim, mine);
  renameSync(claim, path);
  await sleep(pollMs);
  return read(path) === mine;
}

/**
 * @param {string} path
 * @param {string} current
 */
function isAbandoned(path, current) {
  const owner = parseOwner(current);
  if (owner?.host === hostname() && !isAlive(owner.pid)) return true;
  const beat = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return beat !== undefined && Date.now() - beat > silentForMs;
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * @param {string} path
 * @param {string} mine
 */
function touch(path, mine) {
  if (read(path) === mine) utimesSync(path, new Date(), new Date());
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * @param {string | undefined} text
 * @returns {Owner | undefined}
 */
function parseOwner(text) {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
