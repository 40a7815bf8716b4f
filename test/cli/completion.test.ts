import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { configureCli } from '../support/configure-cli.ts';
import { MASTER_KEY } from '../support/fake-litellm.ts';
import { runBin } from '../support/run-bin.ts';
import { pathWithCommand, TESTED_SHELLS } from '../support/shells.ts';
import { itUnless } from '../support/skipping.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { openTerminal } from '../support/terminal.ts';

const TAB = '\t';
const ENTER = '\r';

async function userHome() {
  const home = await temporaryFolder();
  // Otherwise fish fills it in the background, even after the test.
  mkdirSync(join(home, '.local/share/fish/generated_completions'), { recursive: true });
  const env = { HOME: home, PATH: pathWithCommand(home), ZDOTDIR: home, LC_ALL: 'C.UTF-8' };
  return { home, env, run: (...args: string[]) => runBin(args, env) };
}

describe.each(TESTED_SHELLS)('in $name', ({ name, bare, asUser, load, missing }) => {
  // The shell then runs the completed command, which succeeds only with the whole word.
  const line = (word: string) => `agents-llm completion install --shell${word}${TAB}${ENTER}`;

  itUnless(missing)('Tab completes a word, also after a =', async () => {
    const { env } = await userHome();
    const terminal = openTerminal(bare, env);
    terminal.type(`${load}; echo rea''dy${ENTER}`);
    await terminal.shows('ready');
    terminal.type(line(' fi'));
    await terminal.shows('Wrote ');
    terminal.type(line('=fi'));
    await terminal.shows('Already installed for fish');
    terminal.type(`exit${ENTER}`);
    await terminal.ended;
  });

  itUnless(missing)('works in a new shell after the installation', async () => {
    const { env, run } = await userHome();
    expect(await run('completion', 'install', '--shell', name)).toMatchObject({ code: 0, stderr: '' });
    const terminal = openTerminal(asUser, env);
    terminal.type(`echo rea''dy${ENTER}`);
    await terminal.shows('ready');
    terminal.type(line(' ba'));
    await terminal.shows(name === 'bash' ? 'Already installed for bash' : 'Wrote ');
    terminal.type(`exit${ENTER}`);
    await terminal.ended;
  });

  // Tab waits 175 ms for the proxy, which may be too short on a busy machine.
  itUnless(missing)(
    'offers the names in the gateway',
    async () => {
      const { fake } = await configureCli();
      const { env } = await userHome();
      const params = { model: 'openai/gpt-4o' };
      fake.state.models.push({ id: '1', name: 'team:gpt 5', params, live: true });
      const terminal = openTerminal(bare, { ...env, LITELLM_BASE_URL: fake.url, LITELLM_MASTER_KEY: MASTER_KEY });
      terminal.type(`${load}; echo rea''dy${ENTER}`);
      await terminal.shows('ready');
      terminal.type(`agents-llm alias remove team:${TAB}${ENTER}`);
      await terminal.shows('team:gpt 5: removed');
      terminal.type(`exit${ENTER}`);
      await terminal.ended;
    },
    { retry: 2 },
  );
});

it('bash completes the word in COMP_WORDS', async () => {
  const { env, home } = await userHome();
  mkdirSync(join(home, 'files'));
  for (const file of ['key one', 'key-two']) writeFileSync(join(home, 'files', file), '');
  const script = `source <(agents-llm completion bash)
complete_line() {
  COMP_LINE="$1" COMP_POINT=\${#1}; shift
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
  _agents_llm "$1" "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD - 1]}"
  (IFS='|'; echo "\${COMPREPLY[*]}")
}
complete_line 'agents-llm up --dry' agents-llm up --dry
complete_line 'agents-llm   logs  ' agents-llm logs ''
complete_line 'agents-llm up --pull=' agents-llm up --pull =
complete_line 'agents-llm up --pull=al' agents-llm up --pull = al
complete_line 'agents-llm up --pull al --dry' agents-llm up --pull al --dry
complete_line 'agents-llm provider add x --from-file ${home}/files/k' agents-llm provider add x --from-file '${home}/files/k'
complete_line 'agents-llm nonsense ' agents-llm nonsense ''
`;
  const answer = execFileSync('bash', ['--noprofile', '--norc', '-c', script], { env, encoding: 'utf8' });
  const files = answer.split('\n')[5]?.split('|').sort();
  expect(answer.split('\n').filter((_, i) => i !== 5)).toEqual([
    '--dry-run',
    'litellm|litellm-db',
    'missing|always|never',
    'always',
    '--dry-run',
    '',
    '',
  ]);
  expect(files).toEqual([`${home}/files/key one`, `${home}/files/key-two`]);
});

describe('__complete', () => {
  const ask = (env: Record<string, string>) =>
    runBin(['__complete', '--', 'alias', 'remove', ''], { AGENTS_LLM_OUTPUT: 'json', AGENTS_LLM_DEBUG: '1', ...env });

  it('prints nothing without a stack', async () => {
    const { env } = await userHome();
    expect(await ask(env)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('prints nothing and ends soon when the gateway never answers', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const { env } = await userHome();
    const began = performance.now();
    const proxy = { LITELLM_BASE_URL: `http://127.0.0.1:${port}`, LITELLM_MASTER_KEY: MASTER_KEY };
    expect(await ask({ ...env, ...proxy })).toEqual({ code: 0, stdout: '', stderr: '' });
    // The client itself would wait for 30 s. The start of Node is not measured.
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('is hidden from help and from suggestions', async () => {
    const { run } = await userHome();
    expect((await run('--help')).stdout).not.toContain('__complete');
    expect((await run('_complete')).stderr).not.toContain('__complete');
  });
});

describe('completion install', () => {
  it('writes a file and a line with a message and changes nothing the second time', async () => {
    const { home, run } = await userHome();
    writeFileSync(join(home, '.zshrc'), 'caf\xe9 without a newline', 'latin1');
    chmodSync(join(home, '.zshrc'), 0o600);
    const file = join(home, '.local/share/zsh/site-functions/_agents-llm');
    const first = await run('completion', 'install', '--shell', 'zsh');
    expect(first).toEqual({
      code: 0,
      stdout: `Wrote ${file}\nAdded a line to ${home}/.zshrc\nNew shells use it. To use it in this one: source ${file}\n`,
      stderr: '',
    });
    const rc = readFileSync(join(home, '.zshrc'), 'latin1');
    expect(rc).toBe(`caf\xe9 without a newline\n[ ! -r '${file}' ] || . '${file}' # agents-llm completion\n`);
    expect(statSync(join(home, '.zshrc')).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toBe((await run('completion', 'zsh')).stdout);
    const second = await run('completion', 'install', '--shell', 'zsh', '--json');
    expect(JSON.parse(second.stdout).data).toEqual({
      shell: 'zsh',
      change: 'unchanged',
      file,
      startFile: `${home}/.zshrc`,
      written: [],
    });
    expect(readFileSync(join(home, '.zshrc'), 'latin1')).toBe(rc);
  });

  it('uses the shell in SHELL and keeps a symbolic link', async () => {
    const { home, env } = await userHome();
    mkdirSync(join(home, 'dotfiles'));
    writeFileSync(join(home, 'dotfiles/bashrc'), '# mine\n');
    symlinkSync('dotfiles/bashrc', join(home, '.bashrc'));
    expect(await runBin(['completion', 'install'], { ...env, SHELL: '/usr/bin/bash' })).toMatchObject({ code: 0 });
    expect(lstatSync(join(home, '.bashrc')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(home, 'dotfiles/bashrc'), 'utf8')).toMatch(
      /^# mine\n\[ ! -r '.*# agents-llm completion\n$/,
    );
  });

  it.each([
    [{ SHELL: '/bin/tcsh' }, 'Completion is not available for tcsh'],
    [{}, 'Cannot tell which shell you use'],
  ])('asks for a shell name with %j', async (shell, message) => {
    const { env } = await userHome();
    const [text, json] = await Promise.all([
      runBin(['completion', 'install'], { ...env, ...shell } as Record<string, string>),
      runBin(['completion', 'install', '--json'], { ...env, ...shell } as Record<string, string>),
    ]);
    const hint = 'Name the shell: agents-llm completion install --shell bash|zsh|fish';
    expect(text).toEqual({ code: 2, stdout: '', stderr: `error: ${message}\nhint: ${hint}\n` });
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stdout).error).toMatchObject({ code: 'usage', message, hint });
  });

  it.each([
    { args: ['--shell', 'powershell'], SHELL: '/bin/bash' },
    { args: [], SHELL: '/usr/bin/pwsh' },
  ])('says how PowerShell gets it with %j', async ({ args, SHELL }) => {
    const { env } = await userHome();
    const [text, json] = await Promise.all([
      runBin(['completion', 'install', ...args], { ...env, SHELL }),
      runBin(['completion', 'install', ...args, '--json'], { ...env, SHELL }),
    ]);
    const message = 'Cannot install completion for PowerShell, because only PowerShell knows where its profile is';
    const hint = 'Add it to your profile in PowerShell: agents-llm completion powershell | Add-Content $PROFILE';
    expect(text).toEqual({ code: 2, stdout: '', stderr: `error: ${message}\nhint: ${hint}\n` });
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stdout).error).toMatchObject({ code: 'usage', message, hint });
  });

  it('reports what it cannot write and what to do instead', async () => {
    const { home, run } = await userHome();
    writeFileSync(join(home, '.config'), 'a file, where a folder has to be');
    const [text, json] = await Promise.all([
      run('completion', 'install', '--shell', 'fish'),
      run('completion', 'install', '--shell', 'fish', '--json'),
    ]);
    expect([text.code, json.code]).toEqual([1, 1]);
    expect(text.stderr).toMatch(/^error: Cannot read or write .*agents-llm\.fish \(ENOTDIR\)\nhint: Print the script/);
    expect(JSON.parse(json.stdout).error).toMatchObject({
      code: 'state_unwritable',
      hint: expect.stringContaining('agents-llm completion fish > FILE'),
    });
  });
});
