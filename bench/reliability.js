// Kills what runs at random moments and looks whether all of the data is there afterwards.
//   node bench/reliability.js [ROUNDS] [FIRST]    needs a Docker engine with both images; writes bench/reliability.md
// A round: a command is started; at a random moment it, the proxy or the database is killed (SIGKILL); then `up` has to bring
// the stack back by itself, and providers, aliases and keys have to be whole, readable and accepted. The rounds go through
// all commands for one victim, then for the next. With FIRST above 0 the rows of the report that is there are kept, so that
// a run can be made in parts.
// ENGINE_START='systemctl start docker' in the environment: then the engine (of /var/run/docker.pid) is killed too, and
// started again by that command. All other containers of the machine feel it.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const report = join(root, 'bench', 'reliability.md');
const project = 'agents-llm-reliability';
const port = '4944';
const home = mkdtempSync(join(tmpdir(), 'agents-llm-reliability-'));
const bin = join(root, 'bin', 'agents-llm.js');
const env = {
  ...process.env,
  AGENTS_LLM_HOME: home,
  AGENTS_LLM_PROJECT_NAME: project,
  PROVIDER_KEY: 'sk-provider-key-0123456789',
};
const INVENTORY = { providers: 2, aliases: 2, keys: 1, teams: 0 };

const IMAGE = 'ghcr.io/berriai/litellm:v1.108.11';
/** The same image by other names, so that there is always one to upgrade to. */
const OTHER_NAMES = ['agents-llm-reliability:v1.108.11', 'agents-llm-reliability:v1.108.11-stable'];

/** Commands, and how long each takes at most, in milliseconds: the moment of the kill is somewhere in it. */
const COMMANDS = [
  { args: ['up'], within: 14_000, stopped: true },
  { args: ['restart'], within: 16_000 },
  { args: ['backup'], within: 1500 },
  { args: ['restore', 'latest', '--force', '--no-backup'], within: 18_000 },
  { args: ['rotate-master-key'], within: 15_000 },
  { args: ['rotate-db-password'], within: 15_000 },
  { args: ['verify-persistence'], within: 18_000 },
  { args: ['upgrade', '--force', '--pull', 'never', '--image'], within: 20_000, otherImage: true },
];
const engineStart = process.env.ENGINE_START;
const VICTIMS = ['the command', ...(engineStart ? ['the engine'] : []), 'litellm-db', 'litellm'];
const rounds = Number(process.argv[2] ?? COMMANDS.length * VICTIMS.length);
const firstRound = Number(process.argv[3] ?? 0);

/** @param {string[]} args */
function run(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** @param {string[]} args */
function must(...args) {
  const { status, stdout, stderr } = run(...args);
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout.trim();
}

function runningImage() {
  const { stdout } = spawnSync('docker', ['inspect', '-f', '{{.Config.Image}}', `${project}-litellm-1`]);
  return `${stdout}`.trim();
}

/** The rows of the report that is there. */
function earlierRows() {
  const lines = readFileSync(report, 'utf8').split('\n');
  return lines
    .filter((line) => /^\| [a-z]/.test(line) && !line.startsWith('| command |'))
    .map((line) => line.slice(2, -2).split(' | '));
}

/** @param {number} ms */
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function killEngine() {
  const pid = Number(readFileSync('/var/run/docker.pid', 'utf8'));
  process.kill(pid, 'SIGKILL');
  // As long as it is there, no other engine starts.
  for (let i = 0; i < 100 && existsSync(`/proc/${pid}`); i += 1) await wait(100);
}

async function startEngine() {
  for (let i = 0; i < 3 && engineStart && spawnSync('docker', ['version']).status !== 0; i += 1) {
    spawnSync('sh', ['-c', engineStart], { stdio: 'ignore' });
    await wait(1000);
  }
}

/** @param {string} key */
async function seenBy(key) {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/models`, {
    // No connection of an earlier round: its proxy is gone.
    headers: { authorization: `Bearer ${key}`, connection: 'close' },
  });
  const { data } = /** @type {{ data: { id: string }[] }} */ (await answer.json());
  return data.map(({ id }) => id).join(' ');
}

/**
 * @param {typeof COMMANDS[number]} command
 * @param {string} victim
 * @param {string} key
 */
async function round(command, victim, key) {
  if (command.stopped) must('down');
  const moment = Math.round(Math.random() * command.within);
  const image = command.otherImage ? [OTHER_NAMES.find((name) => name !== runningImage()) ?? IMAGE] : [];
  const child = spawn(process.execPath, [bin, ...command.args, ...image], { env, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(code ?? signal)));
  await wait(moment);
  if (victim === 'the command') child.kill('SIGKILL');
  else if (victim === 'the engine') await killEngine();
  else spawnSync('docker', ['kill', `${project}-${victim}-1`]);
  const end = await ended;
  if (victim === 'the engine') await startEngine();
  const began = performance.now();
  const up = run('up');
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const verified = run('verify-persistence', '--no-restart', '--json');
  const inventory = JSON.parse(verified.stdout || '{}').data?.inventory;
  const whole = JSON.stringify(inventory) === JSON.stringify(INVENTORY) && (await seenBy(key)) === 'gpt-5';
  const row = [command.args[0], victim, `${moment}`, `${end}`, `${up.status}`, seconds, whole ? 'yes' : 'NO'];
  console.log(row.join('  '));
  if (!whole) console.log(up.stderr, verified.stdout, verified.stderr);
  return row;
}

const rows = firstRound > 0 ? earlierRows() : [];
try {
  for (const name of OTHER_NAMES) execFileSync('docker', ['tag', IMAGE, name]);
  must('up', '--port', port);
  for (const name of ['openai', 'spare'])
    must('provider', 'add', name, '--provider', 'openai', '--from-env', 'PROVIDER_KEY');
  must('alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'openai');
  must('alias', 'add', 'small', '--target', 'openai/gpt-4o-mini', '--provider', 'spare');
  const key = must('provision-key');
  must('backup');
  for (let i = firstRound; i < firstRound + rounds; i += 1) {
    const command = COMMANDS[i % COMMANDS.length];
    const victim = VICTIMS[Math.floor(i / COMMANDS.length) % VICTIMS.length];
    if (command && victim) rows.push(await round(command, victim, key));
  }
} finally {
  await startEngine();
  run('down', '--volumes', '--force', '--no-backup');
  spawnSync('docker', ['rmi', ...OTHER_NAMES]);
  rmSync(home, { recursive: true, force: true });
}

const table = [
  ['command', 'killed', 'after, ms', 'it ended with', '`up` ended with', '`up` took, s', 'all data there'],
  Array(7).fill('---'),
  ...rows,
].map((row) => `| ${row.join(' | ')} |`);
const lost = rows.filter((row) => row[6] !== 'yes').length;
const cpu = execFileSync('nproc', { encoding: 'utf8' }).trim();
const text = `# Reliability

Made by \`npm run reliability\`, on ${cpu} cores. In each row a command was started and killed with SIGKILL at a random moment, or the gateway, the database or the engine under it was; then \`up\` alone had to recover the stack. All data is there if the counts are those of the beginning (${Object.entries(
  INVENTORY,
)
  .map(([kind, count]) => `${count} ${kind}`)
  .join(
    ', ',
  )}), LiteLLM can read all of it, and the virtual key of the beginning still sees its alias.${engineStart ? '' : ' The engine itself was not killed.'}

${rows.length} rounds, ${lost} with a loss.

${table.join('\n')}
`;
writeFileSync(report, text);
console.log(`\n${text}`);
if (lost > 0) process.exitCode = 1;
