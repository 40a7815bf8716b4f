import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { BootstrapFailure } from './failure.js';

/** @type {NodeJS.Signals[]} */
const fatalSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program without stdin and keeps its output for the case that it fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, hint: string, shell?: boolean }} options
 */
export async function runStep(command, args, { hint, ...options }) {
  const line = [command, ...args].join(' ');
  /** @type {import('node:child_process').SpawnOptions & { stdio: ['ignore', 'pipe', 'pipe'] }} */
  const spawned = { ...options, stdio: ['ignore', 'pipe', 'pipe'] };
  // Node 24 warns of arguments for a shell, which it only joins.
  const child = options.shell ? spawn(line, spawned) : spawn(command, args, spawned);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }

  /** @type {NodeJS.Signals | undefined} */
  let received;
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    child.kill(received ? 'SIGKILL' : signal);
    received = signal;
  };
  for (const signal of fatalSignals) process.on(signal, forward);

  try {
    const outcome = await outcomeOf(child);
    if (received) throw new BootstrapFailure('Interrupted', { exitCode: 128 + constants.signals[received] });
    if (outcome !== 0) {
      const how = typeof outcome === 'number' ? `exit code ${outcome}` : outcome;
      throw new BootstrapFailure(`\`${line}\` failed (${how})`, { hint, output });
    }
  } finally {
    for (const signal of fatalSignals) process.off(signal, forward);
  }
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number | NodeJS.Signals | null>}
 */
function outcomeOf(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
}
