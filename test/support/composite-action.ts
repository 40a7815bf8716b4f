import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { type ActionScope, evaluate, interpolate } from './action-expression.ts';

export interface ActionStep {
  readonly name: string;
  readonly id?: string;
  readonly if?: string;
  readonly shell?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string | boolean>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly outputs?: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly ActionStep[] };
}

/** What the steps of a job leave to one another. */
export interface Job {
  /** A folder of the job's own. */
  readonly folder: string;
  readonly env: Record<string, string>;
  readonly path: string[];
  /** All that the job's log shows. */
  log: string;
  failed: boolean;
}

export interface ActionRun {
  /** Names of the steps that were carried out, those of other actions included. */
  readonly steps: readonly string[];
  /** What other actions were given. */
  readonly used: readonly { readonly uses: string; readonly with: Readonly<Record<string, string>> }[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly failed: boolean;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const readAction = (path: string): ActionFile => parse(readFileSync(join(ROOT, path), 'utf8')) as ActionFile;

/** Runs the steps of an action as a runner does: in bash, with GitHub's files; other actions are only noted. */
export async function runAction(path: string, given: Readonly<Record<string, string>>, job: Job): Promise<ActionRun> {
  const action = readAction(path);
  const unknown = Object.keys(given).filter((name) => !(name in action.inputs));
  if (unknown.length > 0) throw new Error(`${path} has no input ${unknown.join(', ')}`);
  const names: Record<string, string> = {
    'github.action_path': dirname(join(ROOT, path)),
    'github.job': 'test',
    'job.status': job.failed ? 'failure' : 'success',
    'runner.temp': job.folder,
  };
  for (const [name, { default: usual }] of Object.entries(action.inputs))
    names[`inputs.${name}`] = given[name] ?? usual;
  const steps: string[] = [];
  const used: { uses: string; with: Record<string, string> }[] = [];
  let failed = false;
  for (const step of action.runs.steps) {
    const scope: ActionScope = { names, failed };
    const asksForStatus = /failure\(\)|always\(\)/.test(step.if ?? '');
    if ((failed && !asksForStatus) || !evaluate(step.if ?? 'always()', scope)) continue;
    steps.push(step.name);
    if (step.uses !== undefined) {
      const values = Object.entries(step.with ?? {}).map(([name, value]) => [name, interpolate(`${value}`, scope)]);
      used.push({ uses: step.uses, with: Object.fromEntries(values) });
    } else if (!(await runStep(step, scope, job, names))) failed = true;
  }
  job.failed ||= failed;
  const outputs = Object.entries(action.outputs ?? {}).map(([name, { value }]) => [
    name,
    failed ? '' : interpolate(value, { names, failed }),
  ]);
  return { steps, used, outputs: Object.fromEntries(outputs), failed };
}

async function runStep(
  step: ActionStep,
  scope: ActionScope,
  job: Job,
  names: Record<string, string>,
): Promise<boolean> {
  if (step.shell !== 'bash' || step.run === undefined) throw new Error(`no step for bash: ${step.name}`);
  const fileOf = (name: string) => join(job.folder, name);
  mkdirSync(job.folder, { recursive: true });
  for (const name of ['env', 'path', 'output']) writeFileSync(fileOf(name), '');
  const script = fileOf('step.sh');
  writeFileSync(script, step.run);
  const own = Object.entries(step.env ?? {}).map(([name, value]) => [name, interpolate(value, scope)]);
  const env = {
    ...job.env,
    PATH: [...job.path, job.env.PATH].join(':'),
    GITHUB_ACTIONS: 'true',
    GITHUB_ENV: fileOf('env'),
    GITHUB_PATH: fileOf('path'),
    GITHUB_OUTPUT: fileOf('output'),
    RUNNER_TEMP: job.folder,
    CI: 'true',
    ...Object.fromEntries(own),
  };
  const code = await inBash(script, env, job);
  for (const [name, value] of linesOf(fileOf('env'))) job.env[name] = value;
  if (step.id) for (const [name, value] of linesOf(fileOf('output'))) names[`steps.${step.id}.outputs.${name}`] = value;
  job.path.unshift(...readFileSync(fileOf('path'), 'utf8').split('\n').filter(Boolean).reverse());
  return code === 0;
}

/** As GitHub calls it for `shell: bash`. */
function inBash(script: string, env: Record<string, string>, job: Job): Promise<number | null> {
  const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], { env, cwd: job.folder });
  const note = (text: string) => {
    job.log += text;
  };
  child.stdout.setEncoding('utf8').on('data', note);
  child.stderr.setEncoding('utf8').on('data', note);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
}

function linesOf(file: string): [string, string][] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
}
