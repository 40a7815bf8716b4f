// Times what a user waits for against what they would run instead, in one run, as ratios.
//   npm run bench -- --quick   leaves out the rows that start the stack each time, and writes no file
//   npm run bench              needs a Docker engine with both images; makes a stack `agents-llm-bench` and deletes it
//   npm run bench -- --only TEXT   measures the rows whose name has that text and those beside them, and writes no file
// Pairs are run alternately, so that a busy moment of the machine falls on both.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { adminRows } from './admin-rows.js';
import { bootRows } from './boot-rows.js';
import { doctorRows } from './doctor-rows.js';
import { firstRunRows } from './first-run-rows.js';
import { installRows } from './install-rows.js';
import { launchRow } from './launch-row.js';
import { isWanted, median, node, pair, rowsOf, time, timeWithLoss } from './measure.js';
import { NATIVE, nativeRows } from './native-rows.js';
import { requestsRows } from './requests-rows.js';
import { testRow } from './test-row.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const quick = process.argv.includes('--quick');
const project = quick ? 'agents-llm-bench-quick' : 'agents-llm-bench';
const port = quick ? '4942' : '4943';
const home = mkdtempSync(join(tmpdir(), 'agents-llm-bench-'));
// As it is published: a checkout also looks whether it must be built anew.
const bin = join(home, 'package', 'bin', 'agents-llm.js');
execFileSync(process.execPath, [join(root, 'scripts', 'build.js')], { stdio: 'ignore' });
for (const part of ['bin/agents-llm.js', 'dist', 'templates', 'docker-compose.yml', 'package.json']) {
  cpSync(join(root, part), join(home, 'package', part), { recursive: true });
}
const env = { ...process.env, AGENTS_LLM_HOME: home, AGENTS_LLM_PROJECT_NAME: project };

/** @typedef {import('./measure.js').CommandLine} CommandLine */

/** @type {(...args: string[]) => CommandLine} */
const ours = (...args) => ({ file: process.execPath, args: [bin, ...args] });
const folder = join(home, project);
const slowFile = join(home, 'slow.yml');
/** @type {(file: string, ...args: string[]) => CommandLine} */
const compose = (file, ...args) => ({
  file: 'docker',
  args: [
    'compose',
    '-p',
    project,
    '--project-directory',
    folder,
    '-f',
    file,
    '--env-file',
    join(folder, '.env'),
    '--env-file',
    join(folder, 'compose.env'),
    ...args,
  ],
});
/** @type {(...args: string[]) => CommandLine} */
const theirs = (...args) =>
  compose(join(root, 'docker-compose.yml'), '-f', join(root, 'templates', 'compose.fast-start.yml'), ...args);
/** @type {(...args: string[]) => CommandLine} */
const slow = (...args) => compose(slowFile, ...args);

/** @type {import('./measure.js').Row[]} */
const rows = [];
const START = ['`up` from stopped', 'time lost after ready', '`up` from nothing'];
const ADMIN = [
  '`provision-key`, unchanged',
  '`requests`',
  '`key list`',
  '`launch`, its key known',
  'Tab, 50 aliases',
  '`doctor`, all well',
];
const BOOT = ['boot of LiteLLM', 'memory of LiteLLM', '`restart litellm`', '`docker stop` of LiteLLM'];
try {
  await add(['`--version`'], async () => [await plus('`--version`', ours('--version'), 60)]);
  await add(['`--help`'], async () => [await plus('`--help`', ours('--help'), 60)]);
  if (
    isWanted(
      "`status --json` less Node's start",
      '`up`, all well',
      ...NATIVE,
      ...ADMIN,
      ...(quick ? [] : [...START, ...BOOT]),
    )
  ) {
    time(ours('up', '--port', port), env);
    const fast = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
    writeFileSync(slowFile, fast.replaceAll(/interval: [12]s/g, 'interval: 10s'));
  }
  await add(["`status --json` less Node's start"], statusRow);
  await add(['`up`, all well'], upRow);
  await add(ADMIN, adminAndUse);
  if (!quick) {
    await add(START, startRows);
    await add(BOOT, () => {
      // The rows above may leave a volume that Compose has made.
      time(ours('up', '--adopt'), env);
      return bootRows({ ours, name: '', container: `${project}-litellm-1`, folder, port, env });
    });
    await add(['`native install`, empty caches'], () => installRows({ bin, env }));
  }
  if (isWanted(...NATIVE)) {
    rows.push(...(await nativeRows({ ours, theirs, slow, project, port: Number(port) + 2, env, quick })));
  }
  if (!quick) {
    await add(['fresh clone to ready', 'fresh clone to the first answer'], () => firstRunRows({ root, port }));
    await add(['`npm test`'], async () => [testRow(root)]);
  }
} finally {
  spawnSync(
    'docker',
    [
      'compose',
      '-p',
      project,
      '-f',
      join(root, 'docker-compose.yml'),
      '--env-file',
      join(folder, '.env'),
      'down',
      '-v',
    ],
    { env },
  );
  rmSync(home, { recursive: true, force: true });
}

/**
 * @param {readonly string[]} names
 * @param {() => Promise<import('./measure.js').Row[]>} measureRows
 */
async function add(names, measureRows) {
  rows.push(...(await rowsOf(names, measureRows)));
}

/**
 * What a command takes beside Node's own start.
 * @param {string} what
 * @param {CommandLine} command
 * @param {number} limit
 */
function plus(what, command, limit) {
  return pair(what, 15, command, node, { difference: true, target: `+ ${limit} ms`, limit, env });
}

async function statusRow() {
  const ps = { name: '`docker compose ps --format json`', command: theirs('ps', '--format', 'json') };
  // Node alone takes as long to start as Compose takes to answer, so what is measured is what comes on top of it.
  const status = { target: '1.5', limit: 1.5, lessNode: true, env };
  return [await pair("`status --json` less Node's start", 15, ours('status', '--json'), ps, status)];
}

async function upRow() {
  const noop = { name: '`docker compose up -d`, nothing to do', command: theirs('up', '-d') };
  return [await pair('`up`, all well', 9, ours('up'), noop, { target: '0.5', limit: 0.5, env })];
}

/** What needs a gateway with 50 aliases and 200 keys. */
async function adminAndUse() {
  return [
    ...(await adminRows({ ours, env, port, secretsFile: join(folder, '.env') })),
    await launchRow({ ours, env, home }),
    await plus('Tab, 50 aliases', ours('__complete', '--', 'alias', 'remove', ''), 125),
    ...(await doctorRows(ours('doctor', '--json'), { theirs, env, port, project })),
    ...(await requestsRows({ ours, env, project })),
  ];
}

/** The rows that start the stack anew each time. */
async function startRows() {
  /** @type {import('./measure.js').Row[]} */
  const rows = [];
  const wait = { name: '`docker compose up -d --wait`, intervals of 10 s', command: slow('up', '-d', '--wait') };
  /** @type {number[]} */
  const losses = [];
  rows.push(
    await pair('`up` from stopped', 3, ours('up'), wait, {
      before: () => time(ours('down'), env),
      measure: (command) => timeWithLoss(command, { losses, port, env }),
      target: '1',
      limit: 1,
      env,
    }),
  );
  const lost = median(losses);
  const held = lost <= 100 ? 'yes' : 'NO';
  rows.push([
    'time lost after ready',
    'poll of 50 ms',
    lost.toFixed(0),
    '0',
    `+ ${lost.toFixed(0)} ms`,
    '+ 100 ms',
    held,
    3,
  ]);
  // The secrets stay, since both sides need them: `--adopt` takes the new volume for the one that they remember.
  const erase = () => time(theirs('down', '-v'), env);
  rows.push(
    await pair('`up` from nothing', 3, ours('up', '--adopt'), wait, { before: erase, target: '1', limit: 1, env }),
  );
  return rows;
}

const cores = cpus();
const memory = Math.round(totalmem() / 1e9);
const machine = `${cores.length} cores (${cores[0]?.model.trim()}), ${memory} GB of memory and Node ${process.versions.node}`;
const table = [
  ['what', 'against', 'ours, ms', 'theirs, ms', 'ratio', 'at most', 'held', 'runs each'],
  Array(8).fill('---'),
  ...rows,
].map((row) => `| ${row.join(' | ')} |`);
const text = `# Bench

Medians of alternating runs in one go, on ${machine}. Milliseconds vary with the machine; the ratios count.

${table.join('\n')}
`;
if (!quick && !process.argv.includes('--only')) writeFileSync(join(root, 'bench', 'results.md'), text);
console.log(`\n${text}`);
if (rows.some((row) => row[6] === 'NO')) process.exitCode = 1;
