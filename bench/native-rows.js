// The rows of the native runtime, against Compose and against ourselves on Docker.
import { join } from 'node:path';
import { bootRows } from './boot-rows.js';
import { median, pair, rowsOf, time, timeWithLoss } from './measure.js';

/** @typedef {import('./measure.js').CommandLine} CommandLine */

const STATUS = "`status --json`, native, less Node's start";
const WELL = '`up`, native, all well';
const STOPPED = ['`up` from stopped, native', 'time lost after ready, native'];
const NOTHING = '`up` from nothing, native';
const BOOT = ['boot of LiteLLM, native', 'memory of LiteLLM, native'];
export const NATIVE = [STATUS, WELL, ...STOPPED, NOTHING, ...BOOT];

/**
 * Makes a stack of its own, and deletes it.
 * @param {{ ours: (...args: string[]) => CommandLine, theirs: (...args: string[]) => CommandLine, slow: (...args: string[]) => CommandLine, project: string, port: number, env: NodeJS.ProcessEnv, quick: boolean }} options
 */
export async function nativeRows({ ours, theirs, slow, project, port, env, quick }) {
  /** @type {typeof ours} */
  const native = (...args) => ours('-p', `${project}-native`, ...args);
  const first = native('up', '--runtime', 'native', '--port', String(port));
  const erase = () => time(native('down', '--volumes', '--force', '--no-backup'), env);
  const ps = { name: '`docker compose ps --format json`', command: theirs('ps', '--format', 'json') };
  const status = { target: '1.5', limit: 1.5, lessNode: true, env };
  const noop = { name: '`docker compose up -d`, nothing to do', command: theirs('up', '-d') };
  const wait = { name: '`docker compose up -d --wait`, intervals of 10 s', command: slow('up', '-d', '--wait') };
  const folder = join(env.AGENTS_LLM_HOME ?? '', `${project}-native`);
  time(first, env);
  try {
    const rows = [
      ...(await rowsOf([STATUS], async () => [await pair(STATUS, 15, native('status', '--json'), ps, status)])),
      ...(await rowsOf([WELL], async () => [
        await pair(WELL, 9, native('up'), noop, { target: '0.5', limit: 0.5, env }),
      ])),
    ];
    if (quick) return rows;
    const stop = () => [native('down'), ours('down')].map((command) => time(command, env));
    const eraseBoth = () => [erase(), time(theirs('down', '-v'), env)];
    rows.push(
      ...(await rowsOf(STOPPED, async () => {
        /** @type {number[]} */
        const losses = [];
        /** @type {(command: CommandLine) => Promise<number>} */
        const measure = (command) => timeWithLoss(command, { losses, port: String(port), env });
        const stopped = { before: stop, measure, target: '1', limit: 1, env };
        const started = await pair('`up` from stopped, native', 3, native('up'), wait, stopped);
        const lost = median(losses);
        const seen = [lost.toFixed(0), '0', `+ ${lost.toFixed(0)} ms`];
        const held = ['+ 100 ms', lost <= 100 ? 'yes' : 'NO', 3];
        return [started, ['time lost after ready, native', 'poll of 50 ms', ...seen, ...held]];
      })),
      ...(await rowsOf([NOTHING], async () => {
        const docker = { name: '`up` from nothing, on Docker', command: ours('up', '--adopt') };
        const nothing = { before: eraseBoth, target: '1', limit: 1, env };
        return [await pair(NOTHING, 3, first, docker, nothing)];
      })),
      ...(await rowsOf(BOOT, () => {
        time(first, env);
        return bootRows({ ours: native, name: ', native', folder, port: String(port), env });
      })),
    );
    return rows;
  } finally {
    erase();
  }
}
