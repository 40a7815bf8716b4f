import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/commands/command-table.ts';
import { EXIT_MEANING } from '../../src/model/errors.ts';
import { runBin } from '../support/run-bin.ts';

let home: string;
const run = (...args: string[]) => runBin(args, { HOME: home, PATH: '/nonexistent' });

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'agents-llm-usage-'));
});
afterAll(() => rmSync(home, { recursive: true }));

describe.each([
  { args: ['upp'], message: "unknown command 'upp' (Did you mean up?)", hint: 'agents-llm --help' },
  {
    args: ['up', '--prot', '1'],
    message: "unknown option '--prot' (Did you mean --port?)",
    hint: 'agents-llm up --help',
  },
  { args: ['up', '--port', '99999'], message: 'A port is a number from 1 to 65535.', hint: 'agents-llm up --help' },
  {
    args: ['up', '--timeout', 'soon'],
    message: 'A duration is a number and s, m or h, such as 90s.',
    hint: 'agents-llm up --help',
  },
  {
    args: ['up', '--pull', 'sometimes'],
    message: 'Allowed choices are missing, always, never.',
    hint: 'agents-llm up --help',
  },
  {
    args: ['up', '--pull', 'alway'],
    message: 'Allowed choices are missing, always, never. (Did you mean always?)',
    hint: 'agents-llm up --help',
  },
  { args: ['alias', 'ad'], message: "unknown command 'ad' (Did you mean add?)", hint: 'agents-llm alias --help' },
  {
    args: ['alias', 'add', 'x', '--taget', 'y'],
    message: "unknown option '--taget' (Did you mean --target?)",
    hint: 'agents-llm alias add --help',
  },
  {
    args: ['completion', 'fsh'],
    message: "unknown command 'fsh' (Did you mean one of fish, zsh?)",
    hint: 'agents-llm completion --help',
  },
  { args: ['up', 'extra'], message: 'too many arguments', hint: 'agents-llm up --help' },
  {
    args: ['logs', 'postgres'],
    message: 'The services are litellm-db, litellm, litellm-tls.',
    hint: 'agents-llm logs --help',
  },
  {
    args: ['restart', 'db'],
    message: 'The services are litellm-db, litellm, litellm-tls.',
    hint: 'agents-llm restart --help',
  },
  { args: ['status', '-p', 'Not A Name'], message: '"Not A Name" is no project name', hint: 'lower-case' },
])('agents-llm $args', ({ args, message, hint }) => {
  it('fails with 2, in text and in JSON', async () => {
    const [text, json] = await Promise.all([run(...args), run(...args, '--json')]);
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

it('names a proxy variable that is none', async () => {
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

describe('help', () => {
  it('lists every command and every exit code', async () => {
    const { stdout, code } = await run('--help');
    const words = stdout.replaceAll(/\s+/g, ' ');
    expect(code).toBe(0);
    for (const { name, summary } of COMMANDS) {
      expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
      expect(words).toContain(summary);
    }
    for (const meaning of Object.values(EXIT_MEANING)) expect(stdout).toContain(meaning);
  });

  it.each(COMMANDS.map(({ name }) => ({ name })))('of $name shows examples, JSON and exit codes', async ({ name }) => {
    const { stdout, code } = await run(name, '--help');
    expect(code).toBe(0);
    for (const part of [`Usage: agents-llm ${name}`, 'Examples:', 'JSON (--json):', 'Exit codes:', '--project-name']) {
      expect(stdout).toContain(part);
    }
  });

  it('is what is shown without a command', async () => {
    expect(await run()).toEqual(await run('--help'));
    expect(await run('--json')).toMatchObject({ code: 2, stdout: expect.stringContaining('a command is missing') });
  });
});

it('prints its version', async () => {
  const { version } = JSON.parse(readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'));
  expect(await run('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});
