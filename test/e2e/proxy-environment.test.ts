import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cli, createCli } from './support/cli.ts';
import { docker } from './support/docker.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOnEach, recordOf, runtimes } from './support/stack-under-test.ts';

const PROJECT = 'e2e-environment';
const PORT = '4989';
const SECRET = 'first line of it\n$HOME "second" \'line\'\n';

/** The environment of the gateway process over two starts. */
describeOnEach(runtimes)('variables of the gateway', (stack) => {
  const isDocker = stack.runtime === 'docker';
  let cli: Cli;
  let folder: string;
  let before: ReturnType<typeof snapshot>;
  const run = (args: readonly string[], env: Record<string, string> = {}) =>
    cli.run(['-p', PROJECT, ...args], env, folder);
  const write = (text: string) => writeFileSync(join(folder, 'agents-llm.yaml'), `name: e2e\n${text}`);
  const inGateway = (): Record<string, string> => {
    const text = isDocker
      ? docker('exec', `${PROJECT}-litellm-1`, 'cat', '/proc/1/environ')
      : readFileSync(`/proc/${recordOf(cli, PROJECT, 'litellm').child.pid}/environ`, 'utf8');
    return Object.fromEntries(
      text.split('\0').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
  };
  const readInGateway = (path: string) =>
    isDocker ? docker('exec', `${PROJECT}-litellm-1`, 'cat', path) : readFileSync(path, 'utf8').trim();

  beforeAll(() => {
    stack.remove(undefined, PROJECT);
    before = snapshot();
    cli = createCli(stack);
    folder = mkdtempSync(join(tmpdir(), 'agents-llm-environment-'));
  });

  afterAll(() => {
    stack.remove(cli, PROJECT);
    cli.dispose();
    rmSync(folder, { recursive: true, force: true });
    expectNoLeaks(before);
  });

  it('arrive unchanged, secrets and files included, and are visible only to the gateway', async () => {
    writeFileSync(join(folder, 'sa.json'), '{"private_key": "of the account"}\n');
    const many = Array.from({ length: 100 }, (_, i) => `  MANY_${i}: "${i}"\n`).join('');
    write(`env:\n  PLAIN: "$HOME #1"\n  CALLBACK_SECRET: {from: MINE}\n  ACCOUNT: {file: sa.json}\n${many}`);
    const up = await run(['up', '--port', PORT, '--env', 'FROM_FLAG=yes'], { MINE: SECRET });
    expect(up).toMatchObject({ code: 0, stderr: expect.stringContaining('The gateway gets a copy of') });
    const given = inGateway();
    expect(given).toMatchObject({ PLAIN: '$HOME #1', CALLBACK_SECRET: SECRET, FROM_FLAG: 'yes', MANY_99: '99' });
    expect(readInGateway(given.ACCOUNT ?? '')).toBe('{"private_key": "of the account"}');
    expect(statSync(join(cli.home, PROJECT, 'environment.json')).mode & 0o777).toBe(0o600);
    for (const line of SECRET.trim().split('\n')) expect(cli.everythingSeen()).not.toContain(line);
  });

  it('stay when nothing changes and are in a backup with secrets', async () => {
    expect((await run(['up', '--json'])).json.data.change).toBe('unchanged');
    expect((await run(['backup', join(folder, 'b.dump'), '--with-secrets'])).code).toBe(0);
    expect(readFileSync(join(folder, 'b.env'), 'utf8')).toMatch(/^AGENTS_LLM_ENVIRONMENT=[\w-]+$/m);
  });

  it('are removed with their lines at the next `up`, which `apply` asks for', async () => {
    write('env:\n  CALLBACK_SECRET: {from: MINE}\n');
    expect((await run(['apply', '--json'])).json.warnings).toContainEqual(
      expect.stringContaining('The gateway does not have the variables of agents-llm.yaml yet'),
    );
    expect((await run(['up', '--env', 'off', '--json'])).json.data.change).toBe('started');
    const given = inGateway();
    expect(given.CALLBACK_SECRET).toBe(SECRET);
    for (const name of ['PLAIN', 'FROM_FLAG', 'ACCOUNT', 'MANY_1']) expect(given).not.toHaveProperty(name);
    for (const line of SECRET.trim().split('\n')) expect(cli.everythingSeen()).not.toContain(line);
  });
});
