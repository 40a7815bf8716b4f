// Timing of commands in pairs, alternately, so that a busy moment of the machine falls on both.
import { spawn, spawnSync } from 'node:child_process';

/** @typedef {{ file: string, args: string[] }} CommandLine */
/** @typedef {(string | number)[]} Row */

const only = process.argv[process.argv.indexOf('--only') + 1] ?? '';

/**
 * Whether rows with one of these names are to be measured: all of them without `--only TEXT`.
 * @param {...string} names
 */
export const isWanted = (...names) => !process.argv.includes('--only') || names.some((name) => name.includes(only));

/**
 * Measures rows; one that cannot be measured is shown as such and keeps none of the others from being so.
 * @param {readonly string[]} names
 * @param {() => Promise<Row[]>} measureRows
 * @returns {Promise<Row[]>}
 */
export async function rowsOf(names, measureRows) {
  if (!isWanted(...names)) return [];
  try {
    return await measureRows();
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).replaceAll(/[\n|]+/g, ' ').slice(0, 200);
    console.error(`${names.join(', ')}: ${why}`);
    return [[names.join(', '), '', '', '', `failed: ${why}`, '', 'NO', 0]];
  }
}

/** What everything that is written in JavaScript pays. */
export const node = { name: '`node -e 0`', command: { file: process.execPath, args: ['-e', '0'] } };

/**
 * @param {CommandLine} command
 * @param {NodeJS.ProcessEnv} [env]
 */
export function time({ file, args }, env = process.env) {
  const began = process.hrtime.bigint();
  const { status, stderr } = spawnSync(file, args, { env, encoding: 'utf8' });
  const ms = Number(process.hrtime.bigint() - began) / 1e6;
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return ms;
}

/**
 * Times `up`, and notes how long it went on after a poll of 50 ms beside it saw the proxy ready.
 * @param {CommandLine} command
 * @param {{ losses: number[], port: string, env: NodeJS.ProcessEnv }} options
 */
export async function timeWithLoss({ file, args }, { losses, port, env }) {
  const began = performance.now();
  const child = spawn(file, args, { env, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('exit', () => resolve(performance.now())));
  let ready = 0;
  while (ready === 0 && child.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/health/readiness`).catch(() => undefined);
    if (answer?.ok && (await answer.text()).includes('connected')) ready = performance.now();
    else await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const end = await ended;
  if (child.exitCode !== 0) throw new Error(`up ended with ${child.exitCode}`);
  losses.push(ready === 0 ? 0 : end - ready);
  return end - began;
}

/** @param {number[]} values */
export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/**
 * One row: the medians of both and their relation.
 * @param {string} what
 * @param {number} runs
 * @param {CommandLine} ours
 * @param {{ name: string, command: CommandLine }} against
 * @param {{ before?: () => unknown, measure?: (command: CommandLine) => number | Promise<number>, target: string, limit: number, difference?: boolean, lessNode?: boolean, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<Row>}
 */
export async function pair(what, runs, ours, against, options) {
  const { before = () => undefined, target, limit, difference = false, lessNode = false, env } = options;
  const measure = options.measure ?? ((/** @type {CommandLine} */ command) => time(command, env));
  const mine = [];
  const other = [];
  const bare = [];
  for (let i = 0; i < runs; i += 1) {
    before();
    mine.push(await measure(ours));
    before();
    other.push(time(against.command, env));
    if (lessNode) bare.push(time(node.command));
  }
  const [a, b] = [median(mine) - median(bare), median(other)];
  const value = difference ? a - b : a / b;
  const shown = difference ? `+ ${value.toFixed(0)} ms` : value.toFixed(2);
  console.log(`${what}: ${a.toFixed(0)} ms against ${b.toFixed(0)} ms, ${shown} (at most ${target})`);
  return [what, against.name, a.toFixed(0), b.toFixed(0), shown, target, value <= limit ? 'yes' : 'NO', runs];
}
