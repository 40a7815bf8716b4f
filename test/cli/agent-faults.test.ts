import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configureCli } from '../support/configure-cli.ts';
import { startBin } from '../support/run-bin.ts';
import { silentServer } from '../support/silent-server.ts';
import { describeUnless } from '../support/skipping.ts';
import { inTerminal, noTerminal } from '../support/terminal.ts';

const CTRL_C = '\x03';
const MODELS = [
  { id: '1', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, live: true },
  { id: '2', name: 'embed', params: { model: 'openai/e' }, info: { mode: 'embedding' }, live: true },
  { id: '3', name: 'claude-*', params: { model: 'openai/gpt-4o' }, live: true },
];

/** A gateway with aliases, and a `claude` that is this script. */
async function withClaude(script = 'printf "key=%s\\n" "$ANTHROPIC_AUTH_TOKEN"') {
  const cli = await configureCli();
  cli.fake.state.models.push(...MODELS);
  const bin = join(cli.home, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'claude'), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, 'claude'), 0o755);
  const env = { ...cli.env, PATH: `${bin}:/usr/bin:/bin`, CLAUDE_CONFIG_DIR: join(cli.home, 'claude') };
  const run = (args: readonly string[], changes: Record<string, string> = {}, stdin = '') =>
    cli.run(args, { ...env, ...changes }, stdin);
  return { ...cli, env, bin, run };
}

const COMMANDS: readonly (readonly string[])[] = [
  ['launch', 'claude'],
  ['connect', 'claude'],
  ['env', '--for', 'claude'],
];

describe.each(COMMANDS.map((command) => [command.join(' '), command] as const))('%s fails', (_, command) => {
  /** In text and in JSON; nothing is written, and no key is made. */
  async function refused(args: readonly string[], changes: Record<string, string> = {}) {
    const { fake, home, run } = await withClaude('echo "the agent ran"');
    const [text, json] = [
      await run([...command, ...args], changes),
      await run([...command, ...args, '--json'], changes),
    ];
    const { error } = JSON.parse(json.stdout);
    expect(text.stderr).toContain(`error: ${error.message}\n`);
    expect(text.stdout).toBe('');
    expect([text.code, json.code]).toEqual([text.code, text.code]);
    expect(fake.state.keys).toEqual([]);
    expect(await readdir(home)).not.toContain('claude');
    return { exitCode: text.code, ...error };
  }

  test.each([
    [['--model', 'gpt6'], 8, 'models_missing', 'LiteLLM has no model "gpt6". Did you mean gpt-5?', /alias add gpt6/],
    [
      ['--model', 'embed'],
      2,
      'usage',
      '"embed" is not a chat model, because its mode is embedding',
      /^Use another model/,
    ],
    [['--model', 'claude-*'], 2, 'usage', '"claude-*" is a pattern, but one model is needed', /^Name one model/],
    [['--max-budget', 'much'], 2, 'usage', expect.stringContaining('much'), /./],
  ])('with %j', async (args, exitCode, code, message, hint) => {
    expect(await refused(args)).toMatchObject({ exitCode, code, message, hint: expect.stringMatching(hint) });
  });

  test('without a stack', async () => {
    expect(await refused([], { LITELLM_BASE_URL: '', LITELLM_MASTER_KEY: '' })).toMatchObject({
      exitCode: 10,
      code: 'not_running',
      message: 'No stack exists yet',
      hint: expect.stringMatching(/^Create it: agents-llm up\n/),
    });
  });

  test('where nothing listens', async () => {
    expect(await refused([], { LITELLM_BASE_URL: 'http://127.0.0.1:1' })).toMatchObject({
      exitCode: 8,
      code: 'proxy_unreachable',
      message: 'LiteLLM at http://127.0.0.1:1 cannot be reached (ECONNREFUSED)',
    });
  });

  test('with a wrong master key', async () => {
    expect(await refused([], { LITELLM_MASTER_KEY: 'sk-wrong-0123456789' })).toMatchObject({
      exitCode: 4,
      code: 'key_refused',
    });
  });
});

test('a gateway that hangs stops launch before the agent starts', async () => {
  const { run } = await withClaude();
  const url = await silentServer();
  const { code, stdout } = await run(['launch', 'claude', '--json'], { LITELLM_BASE_URL: url });
  expect(code).toBe(7);
  expect(JSON.parse(stdout).error).toMatchObject({
    code: 'not_responding',
    message: `The gateway at ${url} is not responding`,
  });
});

describe('the virtual key of an agent', () => {
  test('is replaced with a message when it has expired', async () => {
    const { fake, run } = await withClaude();
    const first = await run(['launch', '-q', 'claude']);
    Object.assign(fake.state.keys[0] ?? {}, { expires: '2026-01-01T00:00:00Z' });
    const second = await run(['launch', '-q', 'claude']);
    expect(second.stderr).toBe(
      'warning: The previous virtual key expired at 2026-01-01T00:00:00Z, so a new one was created\n',
    );
    expect(second.stdout).toBe(`key=${fake.state.keys[0]?.raw}\n`);
    expect(second.stdout).not.toBe(first.stdout);
    expect(fake.state.keys).toHaveLength(1);
  });

  test('is refused when its budget is spent, until the budget is raised', async () => {
    const { fake, run } = await withClaude();
    await run(['launch', '-q', '--max-budget', '5', 'claude']);
    Object.assign(fake.state.keys[0] ?? {}, { spend: 5.01 });
    const refused = await run(['launch', '-q', '--json', 'claude']);
    expect(refused.code).toBe(8);
    expect(JSON.parse(refused.stdout).error).toMatchObject({
      code: 'budget_spent',
      message: 'Virtual key "agent-claude" has spent its budget',
      hint: 'See what it has spent: agents-llm key list\nRaise its budget: agents-llm provision-key --alias agent-claude --max-budget DOLLARS',
    });
    const raised = await run(['launch', '-q', '--max-budget', '10', 'claude']);
    expect(raised).toMatchObject({ code: 0, stdout: `key=${fake.state.keys[0]?.raw}\n` });
  });

  test('is created once, however many agents start at the same time', async () => {
    const { fake, run } = await withClaude();
    fake.faults.blindToAliases = true;
    const started = await Promise.all(Array.from({ length: 6 }, () => run(['launch', '-q', 'claude'])));
    expect(started.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(new Set(started.map(({ stdout }) => stdout))).toEqual(new Set([`key=${fake.state.keys[0]?.raw}\n`]));
    expect(fake.state.keys).toHaveLength(1);
  });
});

describe('launch and the exit of its agent', () => {
  test.each([
    ['kill -KILL $$', 137],
    ['kill -TERM $$', 143],
    ['exit 3', 3],
  ])('%s: %i', async (script, code) => {
    const { run } = await withClaude(script);
    expect((await run(['launch', '-q', 'claude'])).code).toBe(code);
  });

  test('reports an agent that the system cannot start', async () => {
    const { bin, run } = await withClaude();
    await writeFile(join(bin, 'claude'), '#!/no/such/interpreter\n');
    expect(await run(['launch', '-q', 'claude'])).toMatchObject({
      code: 127,
      stderr: `agents-llm: ${join(bin, 'claude')}: not found\n`,
    });
  });

  test('passes a signal to the agent, which may handle it', async () => {
    const { env, home } = await withClaude('trap "echo got it; exit 9" INT; echo ready; while :; do sleep 0.05; done');
    const running = startBin(['launch', '-q', 'claude'], env, '', { cwd: home });
    await running.prints('ready');
    running.kill('SIGINT');
    expect(await running.result).toMatchObject({ code: 9, stdout: 'ready\ngot it\n' });
  });

  test('passes piped input to the agent when there is no terminal', async () => {
    const { run } = await withClaude('tr a-z A-Z; test -t 0 || echo "no terminal"');
    expect((await run(['launch', '-q', 'claude', '--', '-p'], {}, 'ping\n')).stdout).toBe('PING\nno terminal\n');
  });
});

describeUnless(noTerminal)('in a terminal', () => {
  test('sends Ctrl-C to the agent once and still reports its usage', async () => {
    const script = 'trap "echo got it" INT; echo ready; sleep 5 & wait $!; kill $!; sleep 0.3; exit 4';
    const { env } = await withClaude(script);
    const terminal = inTerminal(['launch', 'claude'], env);
    await terminal.shows('ready');
    terminal.type(CTRL_C);
    const { code, screen } = await terminal.ended;
    expect(code).toBe(4);
    expect(screen.match(/got it/g)).toHaveLength(1);
    expect(screen).toContain("No requests of this run are in LiteLLM's log");
  });
});

describe('connect refuses', () => {
  test('a path that is not a folder', async () => {
    const { env, fake, run } = await withClaude();
    await writeFile(env.CLAUDE_CONFIG_DIR, 'a file, where a folder has to be');
    const refused = await run(['connect', 'claude', '--json']);
    expect(refused.code).toBe(2);
    expect(JSON.parse(refused.stdout).error).toMatchObject({
      code: 'agent_settings_invalid',
      message: `${join(env.CLAUDE_CONFIG_DIR, 'settings.json')} cannot be read (ENOTDIR)`,
      hint: 'Make it a file that you can read, then run the command again',
    });
    expect(fake.state.keys).toEqual([]);
  });

  test('a folder at the path of the settings file', async () => {
    const { env, run } = await withClaude();
    await mkdir(join(env.CLAUDE_CONFIG_DIR, 'settings.json'), { recursive: true });
    const refused = await run(['connect', 'claude', '--json']);
    expect(JSON.parse(refused.stdout).error).toMatchObject({
      code: 'agent_settings_invalid',
      message: `${join(env.CLAUDE_CONFIG_DIR, 'settings.json')} cannot be read (EISDIR)`,
    });
  });
});

describe('disconnect refuses', () => {
  test('settings that became invalid, and works once they are repaired', async () => {
    const { env, run } = await withClaude();
    await run(['connect', 'claude']);
    const file = join(env.CLAUDE_CONFIG_DIR, 'settings.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.slice(0, -3));
    const refused = await run(['disconnect', 'claude', '--json']);
    expect(refused.code).toBe(2);
    expect(JSON.parse(refused.stdout).error.code).toBe('agent_settings_invalid');
    await writeFile(file, text);
    expect((await run(['disconnect', 'claude'])).code).toBe(0);
    expect(await readdir(env.CLAUDE_CONFIG_DIR)).toEqual([]);
  });

  test('a damaged receipt', async () => {
    const { home, run } = await withClaude();
    await run(['connect', 'claude']);
    const receipt = join(home, '.local/share/agents-llm/agents-llm/agents/claude/receipt.json');
    await writeFile(receipt, '{"schemaVersion":1}');
    for (const command of ['disconnect', 'connect']) {
      const refused = await run([command, 'claude', '--json']);
      expect(refused.code).toBe(9);
      expect(JSON.parse(refused.stdout).error).toMatchObject({
        code: 'state_invalid',
        message: `${receipt} is damaged, so it is unknown what connect wrote for claude`,
        hint: `Remove the settings of the gateway by hand, then this file: rm ${receipt}`,
      });
    }
  });
});
