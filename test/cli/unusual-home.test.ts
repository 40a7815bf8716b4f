import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { configureCli } from '../support/configure-cli.ts';
import { startBin } from '../support/run-bin.ts';

const LONG = Array.from({ length: 4 }, () => 'a folder with a rather long name '.repeat(2).trim()).join('/');

it.each([
  ['whose name has a space and an umlaut', 'Jörg Müller'],
  ['with a path of more than 300 characters', `Jörg Müller/${LONG}`],
])('works in the home of a user %s', async (_, name) => {
  const { home, env, fake } = await configureCli();
  fake.state.models.push({ id: '1', name: 'gpt-5', params: { model: 'openai/gpt-4o' }, live: true });
  const own = join(home, name);
  const cwd = join(own, 'Projekt für Anfänger');
  mkdirSync(cwd, { recursive: true });
  const inside = { ...env, HOME: own, SHELL: '/bin/bash' };
  const run = async (...args: string[]) => {
    const done = await startBin(args, inside, '', { cwd }).result;
    expect(done).toMatchObject({ code: 0, stderr: expect.not.stringContaining('error') });
    return done.stdout;
  };

  await run('init');
  expect(readFileSync(join(cwd, 'agents-llm.yaml'), 'utf8')).toContain('aliases:');
  const key = (await run('provision-key', '--write-env', '.env.local')).trim();
  expect((await run('provision-key')).trim()).toBe(key);
  expect(readFileSync(join(cwd, '.env.local'), 'utf8')).toContain('OPENAI_API_KEY=');
  expect(existsSync(join(own, '.local/share/agents-llm/agents-llm/keys'))).toBe(true);
  const printed = await run('run', '--', process.execPath, '-p', 'process.cwd()');
  expect(printed.trim()).toBe(cwd);

  await run('completion', 'install');
  const script = '. "$HOME/.bashrc" && complete -p agents-llm';
  expect(execFileSync('bash', ['-c', script], { env: inside, encoding: 'utf8' })).toContain('_agents_llm');
});
