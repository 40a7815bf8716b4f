import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MASTER_KEY } from '../support/fake-litellm.ts';
import { poisoned, startHostileLitellm } from '../support/hostile-litellm.ts';
import { startBin } from '../support/run-bin.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Control and formatting characters except newline and tab. */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the very ones
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u;

const CONFIG = `providers:
  openai: { api_key_env: OPENAI_API_KEY }
aliases:
  gpt-5: { target: openai/gpt-4o, provider: openai }
  ? ${JSON.stringify(poisoned('alias'))}
  : { target: openai/gpt-4o, provider: openai }
keys:
  service: { models: [gpt-5] }
`;

const COMMANDS: readonly (readonly string[])[] = [
  ['alias', 'list'],
  ['alias', 'add', 'x', '--target', 'openai/gpt-4o'],
  ['alias', 'add', 'x', '--target', 'openai/gpt-4o', '--provider', 'nope'],
  ['alias', 'add', poisoned('alias'), '--target', 'openai/gpt-4o'],
  ['alias', 'add', poisoned('twice'), '--target', 'openai/gpt-4o'],
  ['alias', 'remove', poisoned('twice')],
  ['alias', 'remove', poisoned('alias')],
  ['provider', 'list'],
  ['provider', 'add', 'openai', '--provider', 'openai', '--from-env', 'OPENAI_API_KEY'],
  ['provider', 'test', 'nope', '--model', 'gpt-4o'],
  ['provider', 'test', poisoned('credential'), '--model', 'gpt-4o'],
  ['provider', 'remove', poisoned('credential')],
  ['provider', 'remove', 'nope'],
  ['key', 'list'],
  ['key', 'revoke', poisoned('key')],
  ['key', 'revoke', 'nope'],
  ['provision-key'],
  ['provision-key', '--models', poisoned('alias')],
  ['provision-key', '--team-id', poisoned('team'), '--models', poisoned('alias')],
  ['env'],
  ['run', '--', 'true'],
  ['apply'],
  ['apply', '--dry-run'],
  ['apply', '--force', '--no-check'],
  ['apply', '--from-proxy', '--file', 'written.yaml'],
  ['setup', '--provider', 'openai', '--from-env', 'OPENAI_API_KEY'],
  ['__complete', '--', 'alias', 'remove', ''],
  ['__complete', '--', 'key', 'revoke', ''],
  ['__complete', '--', 'provider', 'remove', ''],
  [poisoned('command')],
  ['logs', poisoned('service')],
];

async function scene() {
  const { url } = await startHostileLitellm();
  const home = await temporaryFolder();
  await writeFile(join(home, 'agents-llm.yaml'), CONFIG);
  const env = {
    HOME: home,
    PATH: process.env.PATH ?? '',
    LITELLM_BASE_URL: url,
    LITELLM_MASTER_KEY: MASTER_KEY,
    OPENAI_API_KEY: 'sk-openai-0123456789abcdef',
    GITHUB_ACTIONS: 'true',
  };
  const run = (args: readonly string[]) => startBin(args, env, '', { cwd: home }).result;
  return { home, run };
}

/** Lines of the output that an attacker controls. */
function harm(output: string): readonly string[] {
  return output
    .split('\n')
    .filter(
      (line) =>
        UNSAFE.test(line) ||
        /^\s*(hint: )?FORGED/.test(line) ||
        /##\[|##vso\[/.test(line) ||
        (/^\s*::/.test(line) && !/^::add-mask::sk-[\w-]+$/.test(line)),
    );
}

test('prints the answers of a hostile LiteLLM as plain text in terminals and CI logs', async () => {
  const { run } = await scene();
  const found: Record<string, unknown> = {};
  const look = async (args: readonly string[]) => {
    const { code, stdout, stderr } = await run(args);
    const lines = [...harm(stdout), ...harm(stderr)];
    const name = args.join(' ').replace(/\n.*/s, '…');
    // Exit code 1 means an unexpected error.
    if (lines.length > 0 || code === null || code === 1) found[name] = { code, lines };
    if (args[0] === '--json' && stdout.startsWith('{')) JSON.parse(stdout);
  };
  const told = COMMANDS.filter(([name]) => name !== '__complete');
  const all = [
    ...COMMANDS,
    ...told.map((args) => ['--json', ...args]),
    ...told.slice(0, 4).map((args) => ['--debug', '--quiet', ...args]),
  ];
  while (all.length > 0) await Promise.all(all.splice(0, 4).map(look));
  expect(found).toEqual({});
}, 120_000);
