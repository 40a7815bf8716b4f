// Draws docs/first-run.svg: what a clean clone with an empty home shows on a terminal from `npx agents-llm up`.
//   node scripts/first-run.js      needs a Docker engine with both images and `script` of util-linux
// The stack has a name and a port of its own, so that it meets no other; the picture shows the usual ones.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { screenOf } from './terminal/screen.js';
import { svgOf } from './terminal/svg.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'agents-llm-first-run-'));
const clone = join(folder, 'agents-llm');
const PROJECT = 'first-run';
const PORT = '4990';
const env = {
  AGENTS_LLM_PROJECT_NAME: PROJECT,
  AGENTS_LLM_PORT: PORT,
  PATH: process.env.PATH,
  HOME: join(folder, 'home'),
  TERM: 'xterm-256color',
  COLORTERM: 'truecolor',
  // What it says of itself after the command's end is no part of the run.
  npm_config_update_notifier: 'false',
};
const COLUMNS = 100;

mkdirSync(env.HOME);
execFileSync('git', ['clone', '--quiet', root, clone]);
try {
  const command = 'npx agents-llm up';
  const typed = `stty cols ${COLUMNS} rows 50; ${command}`;
  const { stdout, status } = spawnSync('script', ['-qefc', typed, '/dev/null'], {
    cwd: clone,
    env,
    input: '',
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${command} ended with ${status}:\n${stdout}`);
  mkdirSync(join(root, 'docs'), { recursive: true });
  const shown = stdout
    .replaceAll(env.HOME, '~')
    .replaceAll(` -p ${PROJECT}`, '')
    .replaceAll(PROJECT, 'agents-llm')
    .replaceAll(PORT, '4000');
  const lines = await screenOf(`\x1b[1m$ ${command}\x1b[0m\r\n${shown}`, COLUMNS);
  writeFileSync(
    join(root, 'docs', 'first-run.svg'),
    svgOf(lines, { columns: COLUMNS, title: `A terminal: ${command}` }),
  );
} finally {
  spawnSync('npx', ['agents-llm', 'down', '--volumes', '--force', '--no-backup'], { cwd: clone, env });
  rmSync(folder, { recursive: true, force: true });
}
