// What `doctor` costs, its HTTP calls included, on the same proxy with 50 aliases and 200 keys.
import { node, pair } from './measure.js';

/** @typedef {import('./measure.js').CommandLine} CommandLine */

/**
 * @param {CommandLine} doctor
 * @param {{ theirs: (...args: string[]) => CommandLine, env: NodeJS.ProcessEnv, port: string, project: string }} stack
 * @returns {Promise<import('./measure.js').Row[]>}
 */
export async function doctorRows(doctor, { theirs, env, port, project }) {
  const limit = { difference: true, target: '+ 1000 ms', limit: 1000, env };
  const byHand = [
    'docker --version',
    'docker compose version',
    'docker info',
    quoted(theirs('ps')),
    `docker exec ${project}-litellm-db-1 psql -U litellm -d litellm -c 'SELECT 1'`,
    `curl -sf http://127.0.0.1:${port}/health/readiness`,
  ].join(' && ');
  const shell = {
    name: 'by hand: `docker --version`, `compose version`, `info`, `compose ps`, `psql`, `curl` readiness',
    command: { file: 'sh', args: ['-c', byHand] },
  };
  return [
    await pair('`doctor`, all well', 9, doctor, node, limit),
    await pair('`doctor`, all well', 9, doctor, shell, { target: '2', limit: 2, env }),
  ];
}

/** @param {CommandLine} command */
function quoted({ file, args }) {
  return [file, ...args].map((part) => `'${part}'`).join(' ');
}
