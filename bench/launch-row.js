// What `launch` adds to an agent's own start: a stand-in agent that ends at once, started by it and directly.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pair, time } from './measure.js';

/** @typedef {import('./measure.js').CommandLine} CommandLine */

/**
 * @param {{ ours: (...args: string[]) => CommandLine, env: NodeJS.ProcessEnv, home: string }} stack
 * @returns {Promise<import('./measure.js').Row>}
 */
export async function launchRow({ ours, env, home }) {
  const bin = join(home, 'bin');
  const agent = join(bin, 'claude');
  mkdirSync(bin);
  writeFileSync(agent, '#!/bin/sh\n', { mode: 0o755 });
  const given = { ...env, PATH: `${bin}:${env.PATH}` };
  const launch = ours('launch', '--quiet', 'claude');
  // Its virtual key is there from the second start on.
  time(launch, given);
  const directly = { name: 'the agent started directly', command: { file: agent, args: [] } };
  const options = { difference: true, target: '+ 250 ms', limit: 250, env: given };
  return pair('`launch`, its key known', 15, launch, directly, options);
}
