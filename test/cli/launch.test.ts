import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configureCli } from '../support/configure-cli.ts';
import { startBin } from '../support/run-bin.ts';

/** A gateway with an alias, and programs that print what they were given instead of the agents. */
async function withAgents(...programs: readonly string[]) {
  const cli = await configureCli();
  cli.fake.state.models.push({ id: '1', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, live: true });
  const bin = join(cli.home, 'bin');
  await mkdir(bin);
  for (const program of programs) {
    const script = '#!/bin/sh\nprintf "%s\\n" "arguments: $*"\nenv | sort\nexit $AGENT_EXIT\n';
    await writeFile(join(bin, program), script);
    await chmod(join(bin, program), 0o755);
  }
  const PATH = `${bin}:/usr/bin:/bin`;
  return { ...cli, launch: (args: string[], env = {}) => cli.run(['launch', ...args], { PATH, ...env }) };
}

describe('launch', () => {
  test('passes the arguments and its own key to the agent and returns its exit code', async () => {
    const { fake, launch } = await withAgents('claude');
    const ended = await launch(['claude', '-q', '--', '-p', 'say pong'], {
      AGENT_EXIT: '7',
      ANTHROPIC_API_KEY: 'sk-own',
    });
    expect(ended).toMatchObject({ code: 7, stderr: '' });
    expect(ended.stdout).toContain('arguments: -p say pong\n');
    expect(ended.stdout).toContain(`ANTHROPIC_BASE_URL=${fake.url}\n`);
    expect(ended.stdout).toContain(`ANTHROPIC_AUTH_TOKEN=${fake.state.keys[0]?.raw}\n`);
    expect(ended.stdout).not.toContain('ANTHROPIC_API_KEY');
    expect(fake.state.keys).toMatchObject([{ key_alias: 'agent-claude', models: ['all-proxy-models'] }]);
  });

  test('reuses the key the next time and creates another under another name', async () => {
    const { fake, launch } = await withAgents('claude', 'codex');
    for (const agent of ['claude', 'claude', 'codex']) await launch(['-q', agent]);
    await launch(['-q', '--key-alias', 'trial', '--max-budget', '2', 'codex']);
    expect(fake.state.keys.map(({ key_alias, max_budget }) => [key_alias, max_budget])).toEqual([
      ['agent-claude', undefined],
      ['agent-codex', undefined],
      ['trial', 2],
    ]);
  });

  test('reports the usage of the run on stderr', async () => {
    const { fake, launch } = await withAgents('claude');
    let looks = 0;
    fake.faults.before = ({ path }) => {
      if (path !== '/spend/logs/ui') return;
      looks += 1;
      if (looks !== 2) return;
      const api_key = fake.state.keys[0]?.token ?? '';
      const startTime = new Date(Date.now() + 1000).toISOString();
      fake.state.spendLogs.push({ request_id: '1', api_key, startTime, total_tokens: 1200, spend: 0.5 });
    };
    const { stderr } = await launch(['claude']);
    expect(stderr).toMatch(/^1 request, 1,200 tokens, \$0\.5000$/m);
  });

  test("writes nothing into the agent's own folder", async () => {
    const { home, launch } = await withAgents('gemini');
    await mkdir(join(home, '.gemini'));
    await writeFile(join(home, '.gemini', 'settings.json'), '{"ui":{"theme":"dark"}}');
    const { stdout } = await launch(['-q', 'gemini']);
    expect(await readdir(join(home, '.gemini'))).toEqual(['settings.json']);
    expect(await readFile(join(home, '.gemini', 'settings.json'), 'utf8')).toBe('{"ui":{"theme":"dark"}}');
    const own = /^GEMINI_CLI_HOME=(.*)$/m.exec(stdout)?.[1] ?? '';
    expect(JSON.parse(await readFile(join(own, '.gemini', 'settings.json'), 'utf8'))).toMatchObject({
      ui: { theme: 'dark' },
      security: { auth: { selectedType: 'gemini-api-key' } },
    });
  });

  test.each([
    ["the user's settings", '.claude/settings.json', {}],
    ["the user's settings in another folder", 'other/settings.json', { CLAUDE_CONFIG_DIR: 'other' }],
    ['the settings of the folder', 'project/.claude/settings.json', {}],
    ["the user's settings of the folder", 'project/.claude/settings.local.json', {}],
  ])('wins over variables in %s, which Claude Code prefers to its environment', async (_, path, env) => {
    const { fake, home, env: shared } = await withAgents('claude');
    await mkdir(dirname(join(home, path)), { recursive: true });
    await mkdir(join(home, 'project'), { recursive: true });
    const users = '{"env":{"ANTHROPIC_BASE_URL":"https://elsewhere.example","MINE":"1"}}';
    await writeFile(join(home, path), users);
    const folders = Object.fromEntries(Object.entries(env).map(([name, folder]) => [name, join(home, folder)]));
    const options = { ...shared, ...folders, PATH: `${join(home, 'bin')}:/usr/bin:/bin` };
    const { result } = startBin(['launch', '-q', 'claude', '--', '-p', 'ping'], options, '', {
      cwd: join(home, 'project'),
    });
    const launched = await result;
    const own = /^arguments: --settings (\S+) -p ping$/m.exec(launched.stdout)?.[1] ?? '';
    expect(JSON.parse(await readFile(own, 'utf8')).env).toMatchObject({
      ANTHROPIC_BASE_URL: fake.url,
      ANTHROPIC_AUTH_TOKEN: fake.state.keys[0]?.raw,
      ANTHROPIC_API_KEY: '',
    });
    expect((await stat(own)).mode & 0o077).toBe(0);
    expect(await readFile(join(home, path), 'utf8')).toBe(users);
  });

  test('lists the agents, with the path of those that are installed', async () => {
    const { home, launch } = await withAgents('codex');
    const { stdout } = await launch(['--list', '--json']);
    const { agents } = JSON.parse(stdout).data;
    expect(agents).toContainEqual(expect.objectContaining({ name: 'codex', path: join(home, 'bin', 'codex') }));
    expect(agents).toContainEqual(expect.objectContaining({ name: 'goose', path: null }));
  });

  test.each([
    [
      ['claude'],
      5,
      'agent_missing',
      'Claude Code is not installed: claude not found on PATH',
      'Install it: npm install -g @anthropic-ai/claude-code',
    ],
    [
      ['clod'],
      2,
      'usage',
      'Unknown agent "clod". Did you mean claude?',
      expect.stringContaining('Use one of claude, '),
    ],
    [[], 2, 'usage', 'Name the agent to start', expect.stringContaining('agents-llm launch claude')],
    [
      ['codex', '--model', 'gpt6'],
      8,
      'models_missing',
      'LiteLLM has no model "gpt6". Did you mean gpt-5?',
      expect.stringContaining('alias add gpt6'),
    ],
  ])('refuses %j before it creates a key', async (args, code, error, message, hint) => {
    const { fake, launch } = await withAgents('codex');
    const [text, json] = [await launch(args), await launch(['--json', ...args])];
    expect([text.code, json.code]).toEqual([code, code]);
    expect(text.stderr).toContain(`error: ${message}\n`);
    expect(JSON.parse(json.stdout).error).toMatchObject({ code: error, message, hint });
    expect(fake.state.keys).toEqual([]);
  });
});

describe('env --for', () => {
  test('prints what launch sets, what it unsets and the command of the agent', async () => {
    const { fake, run } = await withAgents();
    const { stdout } = await run(['env', '--for', 'claude', '--model', 'gpt-5']);
    expect(stdout).toContain('unset ANTHROPIC_API_KEY\n');
    expect(stdout).toContain(`export ANTHROPIC_BASE_URL='${fake.url}'\n`);
    expect(stdout).toContain(`export ANTHROPIC_AUTH_TOKEN='${fake.state.keys[0]?.raw}'\n`);
    const codex = JSON.parse((await run(['env', '--for', 'codex', '--json'])).stdout).data;
    expect(codex).toMatchObject({
      alias: 'agent-codex',
      removed: ['CODEX_API_KEY'],
      command: expect.arrayContaining(['codex', 'model="gpt-5"']),
    });
    expect((await run(['env', '--for', 'codex'])).stdout).toMatch(/^# Start it with: codex '-c' 'model_provider=/);
  });
});
