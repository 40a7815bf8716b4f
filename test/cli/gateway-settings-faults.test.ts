import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EXIT } from '../../src/model/errors.ts';
import { startBin } from '../support/run-bin.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const CORRECT = 'Correct the file, then check what it would do: agents-llm apply --dry-run';
const PATH_HINT = 'Correct the path in litellm: or --litellm-config';
const IMPORT_HINT = "Name LiteLLM's configuration: agents-llm init --from-litellm config.yaml";
const AGAIN = 'Correct the file, then import it again: agents-llm init --from-litellm config.yaml';

interface Fault {
  readonly name: string;
  readonly text?: string;
  /** How `up` refuses it. */
  readonly message: string;
  /** The message of `init` if it differs; null when the import succeeds. */
  readonly imported?: string | null;
}

const FILES: readonly Fault[] = [
  {
    name: 'missing',
    message: "LiteLLM's configuration x.yaml cannot be read (ENOENT)",
    imported: 'x.yaml cannot be read (ENOENT)',
  },
  {
    name: 'a folder',
    text: '/',
    message: "LiteLLM's configuration x.yaml cannot be read (EISDIR)",
    imported: 'x.yaml cannot be read (EISDIR)',
  },
  {
    name: '5 MB',
    text: `a: ${'x'.repeat(5_000_000)}`,
    message: "LiteLLM's configuration x.yaml cannot be read (it is too large)",
    imported: 'x.yaml cannot be read (it is too large)',
  },
  { name: 'empty', text: '', message: 'x.yaml:1:1: the file is empty' },
  { name: 'a list', text: '- a\n', message: 'x.yaml:1:1: the file must be a map, such as: ' },
  { name: 'a tab', text: 'a:\n\tb: 1\n', message: 'x.yaml:2:1: a tab indents the line, but YAML allows only spaces' },
  { name: 'a name twice', text: 'cache: 1\ncache: 2\n', message: 'x.yaml:2:1: this name is used a second time' },
  { name: 'an included file', text: 'a: !include b.yaml\n', message: 'x.yaml:1:4: a tag (!) is not supported here' },
  {
    name: 'a row without a model',
    text: 'model_list: [{model_name: a, litellm_params: {api_key: os.environ/A}}]\n',
    message: 'x.yaml:1:46: model_list.0.litellm_params: model is missing',
    imported: null,
  },
  {
    name: 'a secret',
    text: 'litellm_settings: {api_key: sk-proj-0123456789abcdefghij}\n',
    message: 'x.yaml:1:29: litellm_settings.api_key: this is a secret: write os.environ/NAME',
    imported: null,
  },
];

async function place(text: string | undefined) {
  const home = await temporaryFolder();
  if (text === '/') mkdirSync(join(home, 'x.yaml'));
  else if (text !== undefined) writeFileSync(join(home, 'x.yaml'), text);
  writeFileSync(join(home, 'agents-llm.yaml'), 'litellm: x.yaml\n');
  // No Docker: whatever is refused here is refused before an engine is asked.
  const env = {
    HOME: home,
    AGENTS_LLM_HOME: join(home, 'stacks'),
    PATH: '/nowhere',
    AGENTS_LLM_TRUST: '1',
    AGENTS_LLM_RUNTIME: 'docker',
  };
  const run = (...args: string[]) => startBin(args, env, '', { cwd: home }).result;
  return { home, run };
}

type Run = Awaited<ReturnType<typeof place>>['run'];

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** One command as text, the other as JSON, which loads half as much as both of each. */
async function expectRefused(run: Run, asText: readonly string[], asJson: readonly string[], wanted: Refusal) {
  const [text, json] = await Promise.all([run(...asText), run(...asJson, '--json')]);
  expect([text.code, json.code], text.stderr).toEqual([EXIT.usage, EXIT.usage]);
  expect(text.stderr).toContain(`error: ${wanted.message}`);
  expect(text.stderr).toContain(`hint: ${wanted.hint}`);
  const { error } = JSON.parse(json.stdout);
  expect(error).toMatchObject({
    code: wanted.code,
    message: expect.stringContaining(wanted.message),
    hint: expect.stringContaining(wanted.hint),
  });
}

it.each(FILES)("refuses LiteLLM's configuration: $name", async ({ name, text, message, imported = message }) => {
  const { run } = await place(text);
  const code = message.startsWith('x.yaml:') ? 'config_invalid' : 'usage';
  const hint = code === 'usage' ? PATH_HINT : name === 'a secret' ? 'Write os.environ/NAME in its place' : CORRECT;
  const up = ['up', '--no-apply', '--litellm-config', 'x.yaml'];
  await expectRefused(run, up, ['apply', '--dry-run'], { code, message, hint });
  if (imported === null) return;
  const init = await run('init', '--from-litellm', 'x.yaml', '--dry-run', '--json');
  expect(init.code).toBe(EXIT.usage);
  expect(JSON.parse(init.stdout).error).toMatchObject({
    code,
    message: expect.stringContaining(imported),
    hint: code === 'usage' ? IMPORT_HINT : AGAIN,
  });
});

const HELP = 'See the help: agents-llm up --help';

it.each([
  ['NOT_SET', 'Environment variable NOT_SET is not set, but --env takes its value from it', 'Set NOT_SET'],
  [
    'DATABASE_URL=x',
    'Invalid value "DATABASE_URL=…" for --env <name[=value]>. DATABASE_URL belongs to the stack',
    HELP,
  ],
  ['PATH=/x', 'Invalid value "PATH=…" for --env <name[=value]>. PATH changes how programs run', HELP],
  [
    'API_TOKEN=abc',
    'Invalid value "API_TOKEN=…" for --env <name[=value]>. API_TOKEN is a secret, but others can read command lines',
    HELP,
  ],
])('rejects a variable of the gateway: up --env %s', async (variable, message, hint) => {
  const { run } = await place('a: 1\n');
  const up = ['up', '--no-apply', '--env', variable];
  await expectRefused(run, up, up, { code: 'usage', message, hint });
});

it.each([
  ['env: {DATABASE_URL: x}', 'agents-llm.yaml:1:7: env.DATABASE_URL: belongs to the stack, which sets it', CORRECT],
  [
    'env: {API_TOKEN: abc}',
    'agents-llm.yaml:1:18: env.API_TOKEN: this is a secret: write {from: API_TOKEN} to take it from your environment',
    'Move it to an environment variable',
  ],
])('rejects a variable of the file: %s', async (text, message, hint) => {
  const { home, run } = await place('a: 1\n');
  writeFileSync(join(home, 'agents-llm.yaml'), `${text}\n`);
  await expectRefused(run, ['up'], ['apply', '--dry-run'], { code: 'config_invalid', message, hint });
});
