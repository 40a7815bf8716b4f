import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { meanings } from '../../src/cli/habit-words.ts';
import { COMMANDS } from '../../src/commands/command-table.ts';
import { EXIT_MEANING } from '../../src/model/errors.ts';
import { runBin } from '../support/run-bin.ts';
import { runMain } from '../support/run-main.ts';

let home: string;
const run = (...args: string[]) => runBin(args, { HOME: home, PATH: '/nonexistent' });
/** The same without a process: there are two hundred of these. */
const answer = (...args: string[]) => runMain(args, home);

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'agents-llm-usage-'));
});
afterAll(() => rmSync(home, { recursive: true }));

describe.each([
  { args: ['upp'], message: 'Unknown command upp. Did you mean up?', hint: 'agents-llm --help' },
  {
    args: ['up', '--prot', '1'],
    message: 'Unknown option --prot. Did you mean --port?',
    hint: 'agents-llm up --help',
  },
  { args: ['up', '--port', '99999'], message: 'A port is a number from 1 to 65535', hint: 'agents-llm up --help' },
  {
    args: ['up', '--timeout', 'soon'],
    message: 'A duration is a number and s, m or h, such as 90s',
    hint: 'agents-llm up --help',
  },
  {
    args: ['up', '--pull', 'sometimes'],
    message: 'Allowed choices are missing, always, never',
    hint: 'agents-llm up --help',
  },
  {
    args: ['up', '--pull', 'alway'],
    message: 'Allowed choices are missing, always, never. Did you mean always?',
    hint: 'agents-llm up --help',
  },
  { args: ['alias', 'ad'], message: 'Unknown command ad. Did you mean add?', hint: 'agents-llm alias --help' },
  {
    args: ['alias', 'add', 'x', '--taget', 'y'],
    message: 'Unknown option --taget. Did you mean --target?',
    hint: 'agents-llm alias add --help',
  },
  {
    args: ['completion', 'fsh'],
    message: 'Unknown command fsh. Did you mean one of fish, zsh?',
    hint: 'agents-llm completion --help',
  },
  { args: ['up', 'extra'], message: 'Too many arguments for up: expected 0 but got 1', hint: 'agents-llm up --help' },
  {
    args: ['logs', 'postgres'],
    message: 'The services are litellm-db, litellm, litellm-tls',
    hint: 'agents-llm logs --help',
  },
  {
    args: ['restart', 'db'],
    message: 'The services are litellm-db, litellm, litellm-tls',
    hint: 'agents-llm restart --help',
  },
  { args: ['status', '-p', 'Not A Name'], message: '"Not A Name" is not a valid project name', hint: 'lower-case' },
])('agents-llm $args', ({ args, message, hint }) => {
  it('fails with 2, in text and in JSON', async () => {
    const [text, json] = await Promise.all([answer(...args), answer(...args, '--json')]);
    expect([text.code, json.code]).toEqual([2, 2]);
    expect(text.stdout).toBe('');
    expect(text.stderr).toContain(message);
    expect(text.stderr.trimEnd().split('\n').at(-1)).toContain(hint);
    expect(JSON.parse(json.stdout)).toMatchObject({
      schemaVersion: 1,
      ok: false,
      data: null,
      error: {
        code: 'usage',
        retryable: false,
        message: expect.stringContaining(message),
        hint: expect.stringContaining(hint),
      },
      warnings: [],
    });
  });
});

it.each(['AGENTS_LLM_PORT', 'AGENTS_LLM_BIND'])('names %s when its value is wrong', async (name) => {
  const result = await runBin(['up', '--dry-run'], { HOME: home, PATH: '/nonexistent', [name]: 'wrong' });
  expect(result.code).toBe(2);
  expect(result.stderr).toContain(`${name}: `);
});

describe('the format of a failure', () => {
  it.each([
    { args: ['status', '-o', 'json'], isJson: true },
    { args: ['status', '--output=json'], isJson: true },
    { args: ['status', '-ojson', '--nope'], isJson: true },
    { args: ['--json', 'status', '-o', 'text'], isJson: false },
    { args: ['--json', 'status', '--nope'], isJson: true },
    { args: ['run', '--base-url', 'x', 'sh', '--json', '-o', 'json'], isJson: false },
    { args: ['status', '-o', 'env'], output: 'json', isJson: false },
    { args: ['status', '-o', 'text', '--nope'], output: 'json', isJson: false },
    { args: ['status'], output: 'json', isJson: true },
  ])('$args with AGENTS_LLM_OUTPUT=$output: JSON $isJson', async ({ args, output = '', isJson }) => {
    const env = { HOME: home, PATH: '/nonexistent', AGENTS_LLM_OUTPUT: output, DOCKER_HOST: 'unix:///nonexistent' };
    const { code, stdout, stderr } = await runBin(args, env);
    expect(code).toBeGreaterThan(0);
    expect(isJson ? stderr : stdout).toBe('');
    if (isJson) expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { hint: expect.any(String) } });
    else expect(stderr).toMatch(/^error: /);
  });
});

it('names an invalid proxy variable', async () => {
  const env = { HOME: home, PATH: '/nonexistent', LITELLM_MASTER_KEY: 'sk-0123456789abcdef' };
  const list = ['provider', 'list', '--base-url', 'http://litellm.invalid', '--json'];
  const { code, stdout } = await runBin(list, { ...env, HTTP_PROXY: 'http://me:pass@proxy:x' });
  expect(code).toBe(2);
  expect(JSON.parse(stdout).error).toMatchObject({ code: 'usage', message: expect.stringContaining('HTTP_PROXY') });
  expect(stdout).not.toContain('pass@');
});

it('takes global flags before and after the command', async () => {
  const [before, after] = await Promise.all([
    run('-p', 'elsewhere', 'up', '--dry-run', '--json'),
    run('up', '--dry-run', '--json', '-p', 'elsewhere'),
  ]);
  expect(JSON.parse(before.stdout).data.project).toBe('elsewhere');
  expect(before.stdout).toBe(after.stdout);
});

it('shows what it would do and does nothing, without Docker', async () => {
  const docker = await run('up', '--dry-run', '--runtime', 'docker', '--port', '4321');
  expect(docker.code).toBe(0);
  expect(docker.stdout).toMatch(
    /Create secrets in .*\.env\n[\s\S]*docker compose .* up -d[\s\S]*127\.0\.0\.1:4321\/health\/readiness/,
  );
  const native = await run('up', '--dry-run', '--runtime', 'native', '--port', '4321');
  expect(native.code).toBe(0);
  expect(native.stdout).toMatch(
    /pip install --require-hashes[\s\S]*initdb[\s\S]*--port 4321[\s\S]*127\.0\.0\.1:4321\/health\/readiness/,
  );
  expect(readdirSync(home)).toEqual([]);
});

const PATHS = [
  ...COMMANDS.map(({ name }) => name),
  ...['provider add', 'provider list', 'provider remove', 'provider test', 'alias add', 'alias list', 'alias remove'],
  ...['key list', 'key revoke', 'backup list', 'export compose', 'export helm', 'native install', 'native uninstall'],
  ...['completion bash', 'completion install'],
].map((path) => ({ path }));

describe('help', () => {
  it('lists every command under its heading, with examples on top', async () => {
    const { stdout, code } = await answer('--help');
    const words = stdout.replaceAll(/\s+/g, ' ');
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((line) => line.startsWith('  $ agents-llm '))).toHaveLength(4);
    for (const { name, summary, group } of COMMANDS) {
      const [, section = ''] = stdout.split(`\n${group}:\n`);
      expect(section.split('\n\n')[0]).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
      expect(words).toContain(summary);
    }
    expect(stdout).not.toContain('Exit codes:\n');
  });

  it('lists every exit code with --verbose', async () => {
    const { stdout } = await answer('--help', '--verbose');
    for (const meaning of Object.values(EXIT_MEANING)) expect(stdout).toContain(meaning);
  });

  it.each(PATHS)('of $path fits on a screen of 40 lines and shows examples', async ({ path }) => {
    const { stdout, code } = await answer(...path.split(' '), '--help');
    expect(code).toBe(0);
    for (const part of [
      `Usage: agents-llm ${path}`,
      'Examples:',
      '--project-name',
      `agents-llm ${path} --help --verbose`,
    ]) {
      expect(stdout).toContain(part);
    }
    expect(stdout).not.toContain('JSON (--json):');
    expect(stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  });

  it.each(PATHS)('of $path shows every option, JSON and exit codes with --verbose', async ({ path }) => {
    const [{ stdout }, short] = await Promise.all([
      answer(...path.split(' '), '--help', '--verbose'),
      answer(...path.split(' '), '--help'),
    ]);
    for (const part of ['Examples:', 'JSON (--json):', 'Exit codes:', '  -p, --project-name <name>  ']) {
      expect(stdout).toContain(part);
    }
    const named = [...short.stdout.matchAll(/--[a-z][\w-]*/g)].map(([flag]) => flag);
    for (const flag of named) expect(stdout).toContain(flag);
  });

  it('groups the flags of up, the most common first', async () => {
    const { stdout } = await answer('up', '--help', '--verbose');
    const headings = stdout.match(/^[A-Z][\w ]*:$/gm);
    expect(headings).toEqual([
      'Options:',
      'Advanced options:',
      'HTTPS options:',
      'Global options:',
      'Examples:',
      'Exit codes:',
    ]);
    expect(stdout.indexOf('--port <port>')).toBeLessThan(stdout.indexOf('--adopt'));
  });

  it.each([
    { typed: ['help'], same: ['--help'] },
    { typed: ['help', 'up'], same: ['up', '--help'] },
    { typed: ['help', 'alias', 'add'], same: ['alias', 'add', '--help'] },
    { typed: ['help', 'up', '--verbose'], same: ['up', '--help', '--verbose'] },
  ])('is the output of $typed', async ({ typed, same }) => {
    const [help, flag] = await Promise.all([answer(...typed), answer(...same)]);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help).toEqual(flag);
  });

  it('fails for an unknown command', async () => {
    const { code, stderr } = await answer('help', 'upp');
    expect(code).toBe(2);
    expect(stderr).toContain('Unknown command upp. Did you mean up?');
  });

  it('is the output without a command', async () => {
    expect(await run()).toEqual(await run('--help'));
    expect(await run('--json')).toMatchObject({ code: 2, stdout: expect.stringContaining('No command given') });
  });
});

describe('common mistakes at the command line', () => {
  it.each([
    { typed: 'start', meant: 'up' },
    { typed: 'stop', meant: 'down' },
    { typed: 'ps', meant: 'status' },
    { typed: 'models', meant: 'alias list' },
    { typed: 'model list', meant: 'alias list' },
    { typed: 'key create', meant: 'provision-key' },
    { typed: 'login', meant: 'ui' },
    { typed: 'config', meant: 'apply' },
    { typed: 'provider rm openai', meant: 'provider remove' },
    { typed: 'alias create x', meant: 'alias add' },
  ])('$typed suggests $meant', async ({ typed, meant }) => {
    const { code, stdout, stderr } = await answer(...typed.split(' '));
    const word =
      typed.split(' ')[
        typed.startsWith('model') ? 0 : COMMANDS.some(({ name }) => typed.startsWith(`${name} `)) ? 1 : 0
      ];
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      new RegExp(
        `^error: Unknown command ${word}\\. Did you mean ${meant}\\?\\nhint: See the help: agents-llm .*--help\\n$`,
      ),
    );
  });

  it('suggests only existing commands', async () => {
    for (const meant of meanings()) {
      const { code, stdout } = await answer(...meant.split(' '), '--help');
      expect({ meant, code }).toEqual({ meant, code: 0 });
      if (!meant.startsWith('-')) expect(stdout).toContain(`Usage: agents-llm ${meant.split(' --')[0]} `);
    }
  });
});

describe('a key on the command line', () => {
  const KEY = 'sk-proj-0123456789abcdefghijklmnop';
  it.each([
    { args: ['provider', 'add', 'openai', KEY], way: 'agents-llm provider add openai --from-stdin' },
    { args: ['provider', 'add', KEY], way: 'agents-llm provider add openai --from-stdin' },
    { args: ['setup', '--from-env', KEY], way: 'agents-llm setup --from-env OPENAI_API_KEY' },
    { args: ['alias', 'add', 'x', '--set', `api_key=${KEY}`], way: 'agents-llm provider add openai --from-stdin' },
    { args: [KEY], way: 'agents-llm provider add openai --from-stdin' },
    { args: ['up', '--env', `MY_KEY=${KEY}`], way: 'agents-llm up --env MY_KEY' },
    { args: ['up', `--env=MY_KEY=${KEY}`], way: 'agents-llm up --env MY_KEY' },
  ])('is rejected and never shown: $args', async ({ args, way }) => {
    const [text, json, debug] = await Promise.all([
      answer(...args),
      answer(...args, '--json'),
      answer(...args, '--debug'),
    ]);
    expect([text.code, json.code, debug.code]).toEqual([2, 2, 2]);
    expect(text.stderr).toBe(
      `error: A key on the command line is visible to other programs and in the shell history\nhint: Revoke that key, because it is no longer secret\nhint: Pass the new key in a variable, on stdin or in a file: ${way}\n`,
    );
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, error: { code: 'usage' } });
    for (const { stdout, stderr } of [text, json, debug]) expect(stdout + stderr).not.toContain('sk-proj');
  });

  it('is allowed for the program of run', async () => {
    const { stderr } = await run('run', 'curl', KEY);
    expect(stderr).not.toContain('on the command line');
  });
});

it.each(['env', 'run -- true'])('%s before the first up says what to type', async (line) => {
  const { code, stdout, stderr } = await run(...line.split(' '));
  expect({ code, stdout }).toEqual({ code: 10, stdout: '' });
  expect(stderr).toMatch(/^error: No stack exists yet\nhint: Create it: agents-llm up\n/);
});

it('says the same as a program of its own', async () => {
  for (const args of [
    ['up', '--help'],
    ['help', 'alias', 'add', '--verbose'],
    ['upp'],
    ['upp', '--json'],
    ['key', 'rm'],
  ])
    expect(await run(...args)).toEqual(await answer(...args));
});

it('prints its version', async () => {
  const { version } = JSON.parse(readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'));
  for (const flag of ['--version', '-v', '-V']) {
    expect(await run(flag)).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  }
});
