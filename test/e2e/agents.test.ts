import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../scripts/free-port.js';
import { agentNamed } from '../../src/agents/agents.ts';
import { itUnless } from '../support/skipping.ts';
import { type Cli, createCli } from './support/cli.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { fromNpm } from './support/real-programs.ts';
import { describeOnEach, runtimes, type StackUnderTest } from './support/stack-under-test.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';

const PROVIDER_KEY = 'sk-provider-key-0123456789';
const PROJECT = 'e2e-agents';
const PORT = String(await freePort());

interface RealAgent {
  readonly name: string;
  /** Asks it without a terminal. */
  readonly ask: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The user's own settings, by their place in the home. */
  readonly settings: Readonly<Record<string, string>>;
  /** False for one that `connect` cannot write. */
  readonly connects?: false;
}

const AGENTS: readonly RealAgent[] = [
  {
    name: 'claude',
    ask: ['-p', 'ping'],
    env: { ANTHROPIC_API_KEY: 'sk-ant-of-the-user' },
    settings: {
      '.claude/settings.json': '{\n  "includeCoAuthoredBy": false,\n  "env": {\n    "MINE": "1"\n  }\n}\n',
    },
  },
  {
    name: 'codex',
    ask: ['exec', '--skip-git-repo-check', 'ping'],
    env: { OPENAI_API_KEY: 'sk-of-the-user' },
    settings: { '.codex/config.toml': '# mine\nmodel = "o3"\n\n[history]\npersistence = "none"\n' },
  },
  {
    name: 'gemini',
    ask: ['-p', 'ping'],
    env: { GEMINI_CLI_TRUST_WORKSPACE: 'true' },
    settings: {
      '.gemini/settings.json': '{\n  "ui": {\n    "hideTips": true\n  }\n}\n',
      '.gemini/.env': '# mine\nMINE=1\n',
    },
  },
  {
    name: 'opencode',
    ask: ['run', 'ping'],
    env: { OPENCODE_DISABLE_AUTOUPDATE: '1' },
    settings: {
      '.config/opencode/opencode.json': '{\n  "$schema": "https://opencode.ai/config.json",\n  "username": "ada"\n}\n',
    },
  },
  {
    name: 'qwen',
    ask: ['-p', 'ping'],
    settings: { '.qwen/settings.json': '{\n  "ui": {\n    "hideTips": true\n  },\n  "$version": 4\n}\n' },
  },
  {
    name: 'copilot',
    ask: ['-p', 'ping', '--allow-all-tools'],
    settings: { '.copilot/settings.json': '{\n  "banner": "never"\n}\n' },
    connects: false,
  },
];

const installed = await Promise.all(
  AGENTS.map(async (agent) => {
    const { install, checked } = agentNamed(agent.name);
    return { ...agent, program: await fromNpm(install.replace('npm install -g ', ''), checked.version ?? '') };
  }),
);
const PATHS = installed.flatMap(({ program: { folder } }) => (folder ? [join(folder, 'node_modules', '.bin')] : []));

/** A gateway whose `gpt-5` is another model, and a home with settings of every agent. */
function withGateway(stack: StackUnderTest) {
  let cli: Cli;
  let upstream: Upstream;
  let before: ReturnType<typeof snapshot>;
  let home = '';
  let seenBefore = 0;
  const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    cli.run(['-p', PROJECT, ...args], { HOME: home, AGENTS_LLM_DEBUG: '', ...env }, home);

  beforeAll(async () => {
    stack.remove(undefined, PROJECT);
    before = snapshot();
    cli = createCli(stack, PATHS);
    upstream = await startUpstream(stack);
    home = join(cli.home, '..', 'ada');
    mkdirSync(home);
    expect((await run(['up', '--port', PORT])).code).toBe(0);
    const provider = ['provider', 'add', 'openai', '--from-env', 'MY_KEY', '--api-base', upstream.url];
    expect((await run(provider, { MY_KEY: PROVIDER_KEY })).code).toBe(0);
    const alias = ['alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'openai', '--drop-params'];
    expect((await run(alias)).code).toBe(0);
  });

  beforeEach(() => {
    for (const { settings } of AGENTS)
      for (const [path, text] of Object.entries(settings)) {
        mkdirSync(dirname(join(home, path)), { recursive: true });
        writeFileSync(join(home, path), text);
      }
    seenBefore = upstream.seen.length;
  });

  afterAll(async () => {
    await upstream.close();
    stack.remove(cli, PROJECT);
    cli.dispose();
    expectNoLeaks(before);
  });

  const settingsOf = ({ settings }: RealAgent) =>
    Object.fromEntries(Object.keys(settings).map((path) => [path, readFileSync(join(home, path), 'utf8')]));
  const arrived = () => new Set(upstream.seen.slice(seenBefore).map(({ key, model }) => `${model} with ${key}`));
  /** The agent as its user starts it by hand. */
  const byHand = async ({ name, ask, env = {} }: RealAgent) => {
    const PATH = [...PATHS, process.env.PATH].join(':');
    const options = { cwd: home, env: { ...env, PATH, HOME: home }, timeout: 120_000 };
    const child = promisify(execFile)(name, [...ask], options);
    child.child.stdin?.end();
    return (await child).stdout;
  };
  const masterKey = () => cli.secretsOf(PROJECT).LITELLM_MASTER_KEY;
  return { run, settingsOf, arrived, byHand, masterKey };
}

const BY_PROVIDER = new Set([`gpt-4o with ${PROVIDER_KEY}`]);

describeOnEach(runtimes)('coding agents', (stack) => {
  const gateway = withGateway(stack);
  const { run, settingsOf, arrived, masterKey } = gateway;

  describe.each(installed)('launch $name', (agent) => {
    itUnless(agent.program.missing)('answers through the gateway without changing its settings', async () => {
      const { code, stdout, stderr } = await run(['launch', agent.name, '--', ...agent.ask], agent.env);
      expect(code, stderr).toBe(0);
      expect(stdout).toContain('pong');
      expect(arrived()).toEqual(BY_PROVIDER);
      expect(settingsOf(agent)).toEqual(agent.settings);
      // On a busy machine LiteLLM's log is late.
      expect(stderr).toMatch(/^([1-9]\d* requests?, [1-9]\d* tokens, \$\d\.\d{4,6}|No requests of this run .*)$/m);
    });
  });

  it('each use their own key for requests', async () => {
    const names = installed.filter(({ program }) => program.folder).map(({ name }) => `agent-${name}`);
    const used = async () => {
      const { keys } = (await run(['key', 'list', '--json'])).json.data as { keys: { alias: string; spend: number }[] };
      return keys.flatMap(({ alias, spend }) => (spend > 0 ? [alias] : [])).sort();
    };
    await expect.poll(used, { timeout: 60_000 }).toEqual(names.sort());
  });

  const claude = installed.find(({ name }) => name === 'claude')?.program;
  itUnless(claude?.missing)('share one key when several start at the same time with the same key name', async () => {
    const elsewhere = ['--base-url', `http://localhost:${PORT}`];
    for (const [alias, flags] of [
      ['own', []],
      ['remote', elsewhere],
    ] as const) {
      const launch = ['launch', '-q', ...flags, '--key-alias', alias, 'claude', '--', '--version'];
      const command = ['run', ...flags, '--alias', alias, '--', 'true'];
      const env = { LITELLM_MASTER_KEY: masterKey() };
      const ended = await Promise.all([launch, command, launch, command, launch].map((args) => run(args, env)));
      expect(ended.map(({ code, stderr }) => `${code}${stderr}`)).toEqual(['0', '0', '0', '0', '0']);
    }
    const { keys } = (await run(['key', 'list', '--json'])).json.data;
    const names = keys.map(({ alias }: { alias: string }) => alias);
    expect(names.filter((name: string) => name === 'own' || name === 'remote').sort()).toEqual(['own', 'remote']);
  });

  // What is written is the same on each runtime.
  if (stack.runtime === 'native') describeConnect(gateway);
});

function describeConnect({ run, settingsOf, arrived, byHand }: ReturnType<typeof withGateway>): void {
  const finding = async () => {
    const { checks } = (await run(['doctor', '--json'])).json.data;
    return checks.find(({ id }: { id: string }) => id === 'connected-agents');
  };

  describe.each(installed.filter(({ connects }) => connects !== false))('connect $name', (agent) => {
    itUnless(agent.program.missing)('works without launch until disconnect, which leaves nothing behind', async () => {
      const connected = await run(['connect', agent.name]);
      expect(connected.code, connected.stderr).toBe(0);
      expect(settingsOf(agent)).not.toEqual(agent.settings);
      expect(await byHand(agent)).toContain('pong');
      expect(arrived()).toEqual(BY_PROVIDER);
      expect(await finding()).toMatchObject({ status: 'ok', seen: expect.stringContaining(agent.name) });
      expect(await run(['disconnect', agent.name])).toMatchObject({ code: 0, stderr: '' });
      expect(settingsOf(agent)).toEqual(agent.settings);
      expect(await finding()).toMatchObject({ status: 'ok', seen: 'No coding agent is connected' });
    });
  });

  it('a second connect repairs a key that no longer exists', async () => {
    await run(['connect', 'claude']);
    await run(['key', 'revoke', 'agent-claude']);
    expect(await finding()).toMatchObject({ status: 'warn', fix: expect.stringMatching(/connect claude$/) });
    expect((await run(['connect', 'claude'])).code).toBe(0);
    expect(await finding()).toMatchObject({ status: 'ok' });
  });
}
