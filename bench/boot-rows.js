// How long LiteLLM takes from the start of its process until it is ready, how much memory then, and how long to its end:
// with our entry point and without.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, time } from './measure.js';

/** @typedef {import('./measure.js').CommandLine} CommandLine */
/** @typedef {import('./measure.js').Row} Row */
/** @typedef {{ boot: number[], restart: number[], stop: number[], memory: number[] }} Seen */
/** @typedef {{ ours: (...args: string[]) => CommandLine, name: string, container?: string, folder: string, port: string, env: NodeJS.ProcessEnv }} Options */

const RUNS = 3;
const AGAINST = 'without our entry point';

/**
 * On a stack that is up, which stays so.
 * @param {Options} options
 * @returns {Promise<Row[]>}
 */
export async function bootRows(options) {
  const { ours, name, container, env } = options;
  /** @type {Seen} */
  const mine = { boot: [], restart: [], stop: [], memory: [] };
  /** @type {Seen} */
  const other = { boot: [], restart: [], stop: [], memory: [] };
  for (let i = 0; i < RUNS; i += 1) {
    await look('--fast-start', mine, options);
    await look('--no-fast-start', other, options);
  }
  time(ours('up', '--fast-start'), env);
  const [a, b] = [median(mine.memory) / 1e6, median(other.memory) / 1e6];
  const saved = b - a;
  const megabytes = [a, b].map((value) => value.toFixed(0));
  const held = ['- 150 MB', saved >= 150 ? 'yes' : 'NO', RUNS];
  console.log(`memory of LiteLLM${name}: ${megabytes.join(' MB against ')} MB (at least 150 less)`);
  return [
    ratio(`boot of LiteLLM${name}`, mine.boot, other.boot, 0.6),
    [`memory of LiteLLM${name}, in MB`, AGAINST, ...megabytes, `- ${saved.toFixed(0)} MB`, ...held],
    // The native runtime ends LiteLLM by its signal, which is as quick without our entry point.
    ...(container
      ? [
          ratio('`restart litellm`', mine.restart, other.restart, 0.4),
          ratio('`docker stop` of LiteLLM', mine.stop, other.stop, 0.4),
        ]
      : []),
  ];
}

/**
 * @param {'--fast-start' | '--no-fast-start'} way
 * @param {Seen} seen
 * @param {Options} options
 */
async function look(way, seen, { ours, container, folder, port, env }) {
  time(ours('up', way), env);
  const { took, ready } = await timeRestart(ours('restart', 'litellm'), { port, env });
  seen.restart.push(took);
  seen.boot.push(ready - (container ? startOfContainer(container) : startOfProcess(folder)));
  seen.memory.push(memoryOf(ours('status', '--json'), env));
  if (!container) return;
  seen.stop.push(time({ file: 'docker', args: ['stop', '-t', '60', container] }, env));
  time(ours('up'), env);
}

/**
 * How long a restart takes, and at what time LiteLLM was ready again.
 * @param {CommandLine} command
 * @param {{ port: string, env: NodeJS.ProcessEnv }} options
 */
async function timeRestart({ file, args }, { port, env }) {
  const began = Date.now();
  const child = spawn(file, args, { env, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('exit', () => resolve(Date.now())));
  let isUp = true;
  let ready = 0;
  // The last time counts: a busy gateway may fail to answer once before it is stopped.
  while (child.exitCode === null) {
    const isReady = await fetch(`http://127.0.0.1:${port}/health/readiness`, { signal: AbortSignal.timeout(1000) })
      .then(async (answer) => answer.ok && (await answer.text()).includes('connected'))
      .catch(() => false);
    if (isReady && !isUp) ready = Date.now();
    isUp = isReady;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const end = await ended;
  if (child.exitCode !== 0) throw new Error(`restart ended with ${child.exitCode}`);
  if (ready === 0) throw new Error('The restart ended before LiteLLM was ready again');
  return { took: end - began, ready };
}

/** @param {string} container */
const startOfContainer = (container) =>
  Date.parse(execFileSync('docker', ['inspect', '-f', '{{.State.StartedAt}}', container], { encoding: 'utf8' }).trim());

/** @param {string} folder */
const startOfProcess = (folder) => JSON.parse(readFileSync(join(folder, 'native', 'litellm.json'), 'utf8')).startedAt;

/**
 * @param {CommandLine} status
 * @param {NodeJS.ProcessEnv} env
 */
function memoryOf({ file, args }, env) {
  const { services } = JSON.parse(execFileSync(file, args, { env, encoding: 'utf8' })).data;
  return services.find((/** @type {{ service: string }} */ { service }) => service === 'litellm').memoryBytes;
}

/**
 * @param {string} what
 * @param {number[]} mine
 * @param {number[]} other
 * @param {number} limit
 * @returns {Row}
 */
function ratio(what, mine, other, limit) {
  const [a, b] = [median(mine), median(other)];
  const relation = a / b;
  console.log(`${what}: ${a.toFixed(0)} ms against ${b.toFixed(0)} ms, ${relation.toFixed(2)} (at most ${limit})`);
  const held = relation <= limit ? 'yes' : 'NO';
  return [what, AGAINST, a.toFixed(0), b.toFixed(0), relation.toFixed(2), String(limit), held, RUNS];
}
