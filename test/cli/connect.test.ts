import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configureCli } from '../support/configure-cli.ts';

const BEFORE = '{\n  "theme": "dark",\n  "env": {\n    "ANTHROPIC_API_KEY": "sk-ant-own"\n  }\n}\n';

async function withClaude(text: string | undefined = BEFORE) {
  const cli = await configureCli();
  const info = { max_input_tokens: 128_000, max_output_tokens: 16_384 };
  cli.fake.state.models.push({ id: '1', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, info, live: true });
  const file = join(cli.home, '.claude', 'settings.json');
  await mkdir(join(cli.home, '.claude'));
  if (text !== undefined) await writeFile(file, text);
  return { ...cli, file, read: () => readFile(file, 'utf8') };
}

describe('connect', () => {
  test('writes the settings, shows them without secrets, and disconnect restores them', async () => {
    const { fake, file, read, run } = await withClaude();
    const connected = await run(['connect', 'claude']);
    const key = String(fake.state.keys[0]?.raw);
    expect(connected).toMatchObject({ code: 0, stderr: '' });
    expect(connected.stdout).toContain(`${file}\n  + env.ANTHROPIC_BASE_URL: "${fake.url}"\n`);
    expect(connected.stdout).toContain('  + env.ANTHROPIC_AUTH_TOKEN: "(secret)"\n');
    expect(connected.stdout).toContain('  - env.ANTHROPIC_API_KEY: "(secret)"\n');
    expect(connected.stdout).toContain('  + env.CLAUDE_CODE_MAX_CONTEXT_TOKENS: "128000"\n');
    expect(connected.stdout).toMatch(
      /^Connected Claude Code to .* with model gpt-5 and virtual key agent-claude\nUndo it: npx agents-llm disconnect claude\n$/m,
    );
    expect(connected.stdout).not.toContain(key);
    expect(JSON.parse(await read())).toMatchObject({
      theme: 'dark',
      env: { ANTHROPIC_AUTH_TOKEN: key, ANTHROPIC_MODEL: 'gpt-5' },
    });
    expect((await stat(file)).mode & 0o077).toBe(0);
    const undone = await run(['disconnect', 'claude']);
    expect(undone.stdout).toMatch(
      /^Disconnected Claude Code\nRevoke its virtual key: npx agents-llm key revoke agent-claude( --base-url \S+)?\n$/m,
    );
    expect(JSON.parse(await read())).toEqual(JSON.parse(BEFORE));
  });

  test('names the project, or the other gateway, in the commands that it suggests', async () => {
    const { fake, run } = await withClaude();
    const connected = await run(['-p', 'two', 'connect', 'claude']);
    expect(connected.stdout).toContain('\nUndo it: npx agents-llm -p two disconnect claude\n');
    const undone = await run(['-p', 'two', 'disconnect', 'claude']);
    expect(undone.stdout).toContain(`: npx agents-llm -p two key revoke agent-claude --base-url ${fake.url}\n`);
  });

  test('writes nothing and creates no key with --dry-run', async () => {
    const { fake, read, run } = await withClaude();
    const planned = await run(['connect', 'claude', '--dry-run']);
    expect(planned.stdout).toContain('Nothing was written (--dry-run)');
    expect(await read()).toBe(BEFORE);
    expect(fake.state.keys).toEqual([]);
  });

  test('reports that nothing is left to do', async () => {
    const { run } = await withClaude();
    await run(['connect', 'claude']);
    expect((await run(['connect', 'claude'])).stdout).toMatch(/^Claude Code is already connected to http/);
    await run(['disconnect', 'claude']);
    expect(await run(['disconnect', 'claude'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'warning: Claude Code is not connected\n',
    });
  });

  test('leaves settings that have changed since and reports them', async () => {
    const { file, read, run } = await withClaude();
    await run(['connect', 'claude']);
    const edited = (await read()).replace('"ANTHROPIC_MODEL": "gpt-5"', '"ANTHROPIC_MODEL": "mine"');
    await writeFile(file, edited);
    const undone = await run(['disconnect', 'claude', '--json']);
    const { data, warnings } = JSON.parse(undone.stdout);
    expect(data.kept).toEqual([{ file, setting: 'env.ANTHROPIC_MODEL' }]);
    expect(warnings).toEqual([`env.ANTHROPIC_MODEL in ${file} has changed since, so it stays as it is`]);
    expect(JSON.parse(await read()).env).toEqual({ ANTHROPIC_MODEL: 'mine', ANTHROPIC_API_KEY: 'sk-ant-own' });
  });

  test('disconnect has nothing to do when the settings file is deleted', async () => {
    const { file, run } = await withClaude();
    await run(['connect', 'claude']);
    await rm(file);
    expect(await run(['disconnect', 'claude'])).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('connect refuses', () => {
  test('invalid settings before it creates a key', async () => {
    const { fake, file, read, run } = await withClaude('{"env": ');
    for (const args of [
      ['connect', 'claude'],
      ['connect', 'claude', '--json'],
    ]) {
      const refused = await run(args);
      expect(refused.code).toBe(2);
      expect(refused.stderr + refused.stdout).toContain(`${file} is not valid JSON`);
    }
    expect(await read()).toBe('{"env": ');
    expect(fake.state.keys).toEqual([]);
  });

  test('a symbolic link', async () => {
    const { fake, file, home, run } = await withClaude(undefined);
    await rm(file, { force: true });
    await writeFile(join(home, 'dotfiles.json'), '{}');
    await symlink(join(home, 'dotfiles.json'), file);
    const refused = await run(['connect', 'claude', '--json']);
    expect(refused.code).toBe(2);
    expect(JSON.parse(refused.stdout).error).toMatchObject({
      code: 'agent_settings_invalid',
      message: `${file} is a symbolic link, so it is not changed`,
      hint: 'Replace it with a file of your own, then run the command again\nOr use the gateway without changing settings: agents-llm launch --list',
    });
    expect(await readFile(join(home, 'dotfiles.json'), 'utf8')).toBe('{}');
    expect(fake.state.keys).toEqual([]);
  });
});
