import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { evaluate } from '../support/action-expression.ts';
import { type ActionStep, type Job, readAction, runAction } from '../support/composite-action.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const text = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
const ACTIONS = ['action.yml', 'down/action.yml'] as const;
const WORKFLOWS = ['.github/workflows/ci.yml', '.github/workflows/release.yml'];

describe.each(ACTIONS)('%s', (path) => {
  const action = readAction(path);

  it('is a composite action whose scripts run in bash', () => {
    expect(action.runs.using).toBe('composite');
    for (const { run, shell } of action.runs.steps) if (run) expect(shell).toBe('bash');
  });

  it('puts no untrusted input into a script', () => {
    for (const { run } of action.runs.steps) expect(run ?? '').not.toContain('${{');
  });

  it('uses every input it declares, and docs/ci.md names each', () => {
    for (const [name, { description, default: usual }] of Object.entries(action.inputs)) {
      expect(text(path)).toMatch(new RegExp(`inputs\\.${name}\\b`));
      expect(text('docs/ci.md')).toContain(`\`${name}\``);
      expect(description).toMatch(/\w.*\.$/);
      expect(usual).toBeTypeOf('string');
    }
  });
});

const JOBS = WORKFLOWS.flatMap((path) =>
  Object.values((parse(text(path)) as { jobs: Record<string, { 'runs-on': string; steps: ActionStep[] }> }).jobs),
);

describe('third-party actions', () => {
  const steps = [...JOBS.flatMap((job) => job.steps), ...ACTIONS.flatMap((path) => readAction(path).runs.steps)];
  const uses = [...new Set(steps.flatMap((step) => (step.uses?.includes('@') ? [step.uses] : [])))];

  it('have the same version in all workflows', () => {
    const names = uses.map((each) => each.split('@')[0]);
    expect(names).toEqual([...new Set(names)]);
  });

  it('are pinned to a commit, because a tag can be moved', () => {
    for (const each of uses) expect(each).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  });
});

it('the jobs on macOS and Windows start no stack, because their runners have no engine for it', () => {
  const elsewhere = JOBS.filter((job) => job['runs-on'] !== 'ubuntu-latest');
  expect(elsewhere).toHaveLength(1);
  for (const { run = '' } of elsewhere.flatMap((job) => job.steps))
    expect(run).not.toMatch(/docker|--project (e2e|story)|--up\b|agents-llm (up|setup)$/m);
});

it('a release names its repository before it is published, because npm compares it with the provenance', () => {
  const { jobs } = parse(text('.github/workflows/release.yml')) as { jobs: { publish: { steps: ActionStep[] } } };
  const scripts = jobs.publish.steps.map(({ run = '' }) => run);
  const published = scripts.findIndex((script) => script.startsWith('npm publish --provenance'));
  expect(scripts.slice(0, published)).toContain(
    'npm pkg set repository.type=git "repository.url=git+$GITHUB_SERVER_URL/$GITHUB_REPOSITORY.git"',
  );
});

/** Notes how it is called, and with which key of OpenAI. */
const AGENTS_LLM = `#!/bin/sh
echo "$* key=$OPENAI_API_KEY" >> "$CALLS"
case "$1" in
  up) exit "$UP_EXIT" ;;
  status) echo '{"data":{"url":"http://127.0.0.1:4000"}}'; exit "$STATUS_EXIT" ;;
  provision-key) echo OPENAI_API_KEY=sk-virtual ;;
esac
`;

describe('the steps of action.yml', () => {
  const UP = 'up --port 4000 --runtime auto --timeout 300s';
  const KEY = 'provision-key -o env --duration 1d';

  async function act(
    inputs: Readonly<Record<string, string>>,
    { file = false, upExit = 0, statusExit = 0, env = {} } = {},
  ) {
    const folder = await temporaryFolder();
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const npm = '#!/bin/sh\nmkdir -p "$RUNNER_TEMP/agents-llm/node_modules/.bin"\n';
    const copy = 'cp "$FAKE" "$RUNNER_TEMP/agents-llm/node_modules/.bin/agents-llm"\n';
    writeFileSync(join(bin, 'npm'), npm + copy, { mode: 0o755 });
    const fake = join(folder, 'fake');
    writeFileSync(fake, AGENTS_LLM, { mode: 0o755 });
    if (file) writeFileSync(join(folder, 'agents-llm.yaml'), '');
    const calls = join(folder, 'calls');
    const PATH = `${bin}:${process.env.PATH}`;
    const exits = { UP_EXIT: String(upExit), STATUS_EXIT: String(statusExit) };
    const job: Job = {
      folder,
      env: { PATH, FAKE: fake, CALLS: calls, ...exits, ...env },
      path: [],
      log: '',
      failed: false,
    };
    const { failed, outputs } = await runAction('action.yml', inputs, job);
    const made = readFileSync(calls, 'utf8').trimEnd().split('\n');
    return { failed, outputs, log: job.log, env: job.env, calls: made.filter((call) => !/^(status|logs)/.test(call)) };
  }

  it('create the provider, the alias and the key', async () => {
    const { failed, outputs, calls, env } = await act({ 'provider-key': 'sk-p', 'max-budget': '5' });
    expect(failed).toBe(false);
    expect(outputs).toEqual({ url: 'http://127.0.0.1:4000', 'base-url': 'http://127.0.0.1:4000/v1' });
    expect(calls).toEqual([
      `${UP} key=`,
      'provider add openai --provider openai --from-env PROVIDER_KEY key=',
      'alias add gpt-5 --target openai/gpt-4o --provider openai key=',
      `${KEY} --models gpt-5 --max-budget 5 key=`,
    ]);
    expect(env.OPENAI_API_KEY).toBe('sk-virtual');
  });

  it('create no key when `key` is false', async () => {
    const { calls, env } = await act({ key: 'false' });
    expect(calls).toEqual([`${UP} key=`]);
    expect(env.OPENAI_API_KEY).toBeUndefined();
  });

  it('create the key without a provider, as in a pull request from a fork', async () => {
    const { failed, calls } = await act({});
    expect(failed).toBe(false);
    expect(calls).toEqual([`${UP} key=`, `${KEY} --models gpt-5 --allow-missing-models key=`]);
  });

  it('answer with a mock when mock is set and no provider key is given', async () => {
    const { calls } = await act({ mock: 'true', alias: 'fast' });
    expect(calls).toEqual([
      `${UP} key=`,
      'alias add fast --mock This is a mock answer of agents-llm. key=',
      `${KEY} --models fast --allow-missing-models key=`,
    ]);
    expect((await act({ mock: 'true', 'provider-key': 'sk-p' })).calls.join()).not.toContain('--mock');
  });

  it('leave provider and aliases to agents-llm.yaml, and pass it the provider key', async () => {
    const { failed, calls } = await act({ 'provider-key': 'sk-p' }, { file: true });
    expect(failed).toBe(false);
    expect(calls).toEqual([`${UP} key=sk-p`, `${KEY} --models all-proxy-models --alias github-job key=`]);
    const named = await act({ 'provider-key': 'sk-p', alias: 'fast' }, { file: true });
    expect(named.calls[1]).toBe(`${KEY} --models fast --alias github-job key=`);
  });

  it('pass the environment of the job to agents-llm.yaml when no provider key is given', async () => {
    const { calls } = await act({}, { file: true, env: { OPENAI_API_KEY: 'sk-job' } });
    expect(calls[0]).toBe(`${UP} key=sk-job`);
  });

  it('continue with a warning when agents-llm.yaml needs a key that the job does not have', async () => {
    const { failed, calls, log } = await act({}, { file: true, upExit: 2 });
    expect(failed).toBe(false);
    expect(log).toContain('::warning title=agents-llm::agents-llm.yaml is not applied: there is no provider-key');
    expect(calls[1]).toBe(`${KEY} --models all-proxy-models --alias github-job --allow-missing-models key=`);
  });

  it.each([
    ['a file that the given key is not enough for', { 'provider-key': 'sk-p' }, { file: true, upExit: 2 }],
    ['a file that is wrong', {}, { file: true, upExit: 2, statusExit: 10 }],
    ['a provider that refuses its key', {}, { file: true, upExit: 8 }],
    ['a usage error without a file', {}, { upExit: 2 }],
  ])('fail with %s', async (_, inputs, world) => {
    const { failed, calls } = await act(inputs, world);
    expect(failed).toBe(true);
    expect(calls).toHaveLength(1);
  });
});

describe('the evaluator of workflow expressions', () => {
  const scope = { names: { 'inputs.logs': 'failure', 'job.status': 'success', 'inputs.empty': '' }, failed: true };

  it.each([
    ["inputs.logs == 'failure'", true],
    ["inputs.logs == 'always' || (inputs.logs == 'failure' && job.status == 'failure')", false],
    ["inputs.empty != ''", false],
    ['failure()', true],
    ['always()', true],
    ['inputs.logs', 'failure'],
    ["'it''s'", "it's"],
  ])('evaluates %s to %s', (expression, value) => expect(evaluate(expression, scope)).toBe(value));

  it.each(['inputs.unknown', 'inputs.logs == ', "contains(inputs.logs, 'f')", "(inputs.logs == 'a'", 'a + b'])(
    'refuses %s',
    (expression) => expect(() => evaluate(expression, scope)).toThrow(),
  );
});
