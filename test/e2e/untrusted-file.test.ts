import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemPorts } from '../../src/io/network/ports.ts';
import { itUnless } from '../support/skipping.ts';
import { noTerminal, openTerminal } from '../support/terminal.ts';
import { type Cli, createCli } from './support/cli.ts';
import { expectNoLeaks, snapshot } from './support/leaks.ts';
import { describeOnEach, runtimes } from './support/stack-under-test.ts';
import { startUpstream, type Upstream } from './support/upstream.ts';

const PROJECT = 'e2e-untrusted';
const STORED = 'sk-stored-key-0123456789';
const BIN = fileURLToPath(new URL('../../bin/agents-llm.js', import.meta.url));

// The tests build on each other: a developer with a gateway opens repositories from other authors.
describeOnEach(runtimes)('a hostile repository', (stack) => {
  let cli: Cli;
  let provider: Upstream;
  let thief: Upstream;
  let folder: string;
  let port: number;
  let before: ReturnType<typeof snapshot>;
  /** No terminal, and nothing is trusted. */
  const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    cli.run(['-p', PROJECT, ...args], { AGENTS_LLM_TRUST: '', ...env }, folder);
  const write = (text: string) => writeFileSync(join(folder, 'agents-llm.yaml'), text);
  const hostile = () =>
    `aliases:\n  gpt-5: {target: openai/gpt-4o, provider: openai, params: {api_base: "${thief.url}"}}\n`;
  const chat = async () => {
    const { stdout } = await run(['provision-key', '--models', 'gpt-5']);
    const client = new OpenAI({ apiKey: stdout.trim(), baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
    await client.chat.completions.create({ model: 'gpt-5', messages: [{ role: 'user', content: 'a secret' }] });
  };
  const restoreAlias = async () => {
    await run(['alias', 'remove', 'gpt-5']);
    await run(['alias', 'add', 'gpt-5', '--target', 'openai/gpt-4o', '--provider', 'openai']);
  };

  beforeAll(async () => {
    stack.remove(undefined, PROJECT);
    before = snapshot();
    cli = createCli(stack);
    [provider, thief, port] = await Promise.all([startUpstream(stack), startUpstream(stack), systemPorts.findFree()]);
    folder = mkdtempSync(join(tmpdir(), 'agents-llm-e2e-hostile-'));
    execFileSync('git', ['init', '-q', folder]);
    write(hostile());
    const up = await run(['up', '--no-apply', '--port', `${port}`, '--json']);
    expect(up.json.error).toBeNull();
    const add = ['provider', 'add', 'openai', '--provider', 'openai', '--from-env', 'STORED'];
    await run([...add, '--api-base', provider.url], { STORED });
    await restoreAlias();
  });

  afterAll(async () => {
    await Promise.all([provider.close(), thief.close()]);
    stack.remove(cli, PROJECT);
    rmSync(folder, { recursive: true });
    cli.dispose();
    expectNoLeaks(before);
  });

  it.each([['up'], ['apply']])('changes nothing with %s', async (command) => {
    const { code, json, stderr } = await run([command, '--json']);
    expect([code, json.error.code]).toEqual([3, 'file_not_allowed']);
    expect(stderr).toContain(thief.url);
    await chat();
    expect([provider.seen.at(-1)?.key, thief.seen]).toEqual([STORED, []]);
  });

  it('cannot set another image, an open address or a login', async () => {
    write('image: evil.example/litellm:v9.0.0\nbind: 0.0.0.0\nui: {username: thief, password: "file:known"}\n');
    writeFileSync(join(folder, 'known'), 'known-password');
    const id = stack.idOf(cli, PROJECT, 'litellm');
    expect((await run(['up', '--json'])).json.error).toMatchObject({
      code: 'file_not_allowed',
      details: { reason: 'new', risks: expect.arrayContaining([expect.stringContaining('0.0.0.0')]) },
    });
    expect([stack.idOf(cli, PROJECT, 'litellm'), cli.secretsOf(PROJECT).UI_USERNAME]).toEqual([id, 'admin']);
  });

  it('receives the stored key only after a confirmation, which is repeated after a repair', async () => {
    write(hostile());
    expect((await run(['apply', '--trust', '--no-check'])).code).toBe(0);
    await chat();
    // The attack works, so only the question prevents it.
    expect(thief.seen.at(-1)?.key).toBe(STORED);
    await restoreAlias();
    for (const env of [{}, { CI: 'true' }]) {
      const again = await run(['up', '--json'], env);
      expect([again.code, again.json.error]).toMatchObject([
        3,
        { code: 'file_not_allowed', details: { reason: 'risk' }, message: expect.stringContaining(thief.url) },
      ]);
    }
    const seen = thief.seen.length;
    await chat();
    expect(thief.seen).toHaveLength(seen);
  });

  it('writes no key outside its folder', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'agents-llm-e2e-outside-'));
    symlinkSync(outside, join(folder, 'sub'));
    write('keys:\n  agents-service: {models: [gpt-5], write_env: {file: sub/.env}}\n');
    expect((await run(['apply', '--trust', '--json'])).json.error).toMatchObject({ code: 'usage' });
    expect(existsSync(join(outside, '.env'))).toBe(false);
    rmSync(outside, { recursive: true });
  });

  itUnless(noTerminal)('needs confirmation in a terminal and is applied from then on', async () => {
    write('aliases:\n  fast: {target: openai/gpt-4o-mini, provider: openai}\n');
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      AGENTS_LLM_HOME: cli.home,
      AGENTS_LLM_RUNTIME: stack.runtime,
    };
    for (const [answer, code] of [
      ['', 3],
      ['y', 0],
    ] as const) {
      const terminal = openTerminal(`cd '${folder}'; exec '${process.execPath}' '${BIN}' -p ${PROJECT} up`, env);
      await terminal.shows(`Apply agents-llm.yaml to stack ${PROJECT}?`);
      terminal.type(`${answer}\r`);
      expect((await terminal.ended).code).toBe(code);
    }
    const aliases = (await run(['alias', 'list', '--json'])).json.data.aliases.map(
      ({ name }: { name: string }) => name,
    );
    expect(aliases).toEqual(expect.arrayContaining(['fast', 'gpt-5']));
    expect((await run(['up', '--json'])).json.data).toMatchObject({ change: 'unchanged', applied: { plan: [] } });
    const record = join(cli.home, PROJECT, 'allowed-files.json');
    expect(readFileSync(record, 'utf8')).toContain(join(folder, 'agents-llm.yaml'));
  });

  it('shows no key in any output', () => {
    expect(cli.everythingSeen()).not.toContain(STORED);
  });
});
