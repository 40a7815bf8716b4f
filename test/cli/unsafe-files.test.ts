import { execFile, execFileSync } from 'node:child_process';
import { chmod, lchown, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { configureCli } from '../support/configure-cli.ts';
import { noOtherUser, STRANGER } from '../support/other-user.ts';
import { type BinResult, runBin } from '../support/run-bin.ts';
import { itUnless } from '../support/skipping.ts';

async function place() {
  const top = await mkdtemp(join(tmpdir(), 'agents-llm-unsafe-'));
  onTestFinished(() => rm(top, { recursive: true, force: true }));
  const home = join(top, 'above', 'home');
  await mkdir(home, { recursive: true });
  const env = { PATH: process.env.PATH ?? '', HOME: join(top, 'above'), AGENTS_LLM_HOME: home };
  const run = (args: readonly string[], more = {}) => runBin(args, { ...env, ...more });
  return { top, home, run };
}

interface Refused {
  readonly code: string;
  readonly exit: number;
  readonly message: string;
  /** The last line of the hint. */
  readonly fix: string;
}

/** The same in text and in JSON. */
async function expectRefused(run: (more: readonly string[]) => Promise<BinResult>, expected: Refused): Promise<void> {
  const [plain, json] = [await run([]), await run(['--json'])];
  const { error } = JSON.parse(json.stdout);
  expect([plain.code, plain.stdout, json.code, error.code]).toEqual([expected.exit, '', expected.exit, expected.code]);
  expect(error.message).toContain(expected.message);
  expect(error.hint).toContain(expected.fix);
  expect(plain.stderr).toContain(`error: ${error.message}\n`);
  expect(plain.stderr).toContain(expected.fix);
}

describe('an AGENTS_LLM_HOME that other users can write to', () => {
  test.each([['status'], ['up', '--runtime', 'native'], ['provider', 'list'], ['backup'], ['env'], ['down']])(
    'is refused by %s %s',
    async (...args) => {
      const { home, run } = await place();
      await chmod(home, 0o777);
      await expectRefused((more) => run([...args, ...more]), {
        code: 'folder_unsafe',
        exit: 1,
        message: `Other users can write to ${home} (mode 0777)`,
        fix: `chmod go-w ${home}`,
      });
      expect(await readdir(home)).toEqual([]);
    },
  );

  test('is refused when a parent folder is writable, except in a CI job', async () => {
    const { top, home, run } = await place();
    await chmod(join(top, 'above'), 0o777);
    await expectRefused((more) => run(['status', ...more]), {
      code: 'folder_unsafe',
      exit: 1,
      message: `Other users can write to ${join(top, 'above')} (mode 0777) and can therefore replace ${home}`,
      fix: `chmod go-w ${join(top, 'above')}`,
    });
    expect((await run(['status'], { CI: 'true', AGENTS_LLM_RUNTIME: 'native' })).code).toBe(10);
  });

  test('doctor reports and closes it, and completion reads nothing from it', async () => {
    const { home, run } = await place();
    await chmod(home, 0o777);
    const native = { AGENTS_LLM_RUNTIME: 'native' };
    const found = JSON.parse((await run(['doctor', '--json'], native)).stdout).data.checks;
    expect(found.find(({ id }: { id: string }) => id === 'file-modes')).toMatchObject({
      status: 'fail',
      code: 'folder_unsafe',
      seen: `Other users can write to ${home} (mode 0777)`,
    });
    expect((await run(['__complete', 'restore', ''])).code).toBe(0);
    expect((await run(['doctor', '--fix'], native)).stdout).toContain(
      `file-modes: Removed access of other users to ${home}`,
    );
    expect((await stat(home)).mode & 0o777).toBe(0o755);
    expect((await run(['status'], native)).code).toBe(10);
  });

  itUnless(noOtherUser)('is refused when another user has replaced it with a link', async () => {
    const { top, home, run } = await place();
    await chmod(top, 0o1777);
    await symlink(home, join(top, 'link'));
    await lchown(join(top, 'link'), STRANGER, STRANGER);
    await expectRefused((more) => run(['status', ...more], { AGENTS_LLM_HOME: join(top, 'link') }), {
      code: 'folder_unsafe',
      exit: 1,
      message: `${join(top, 'link')} is a symbolic link created by another user (id ${STRANGER})`,
      fix: 'AGENTS_LLM_HOME=',
    });
  });
});

describe('a path that is not a regular file fails at once:', () => {
  const SHADOW = 'root:$6$salt$hash:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n';

  async function odd(top: string) {
    const [pipe, huge, shadow, link] = ['pipe', 'huge', 'shadow', 'link'].map((name) => join(top, name)) as [
      string,
      string,
      string,
      string,
    ];
    execFileSync('mkfifo', [pipe]);
    await writeFile(huge, `# ${'x'.repeat(2 * 1024 * 1024)}\n`);
    await writeFile(shadow, SHADOW);
    await symlink(shadow, link);
    return { pipe, huge, link };
  }

  const SOURCES: readonly (readonly [string, readonly string[], string, string, string])[] = [
    ['agents-llm.yaml', ['apply', '--file'], 'usage', 'Name another file with --file PATH', ''],
    ['key', ['provider', 'add', 'openai', '--from-file'], 'usage', '--from-stdin', 'Key file '],
  ];
  for (const [what, args, code, hint, before] of SOURCES) {
    test(`a ${what}`, async () => {
      const { top } = await place();
      const cli = await configureCli();
      const { pipe, huge } = await odd(top);
      const env = { ...cli.env, AGENTS_LLM_TRUST: '1' };
      for (const [path, why] of [
        [pipe, 'it is not a regular file'],
        ['/dev/zero', 'it is not a regular file'],
        [huge, 'it is too large'],
      ] as const) {
        const found = await runBin([...args, path, '--json'], env);
        const { error } = JSON.parse(found.stdout);
        expect([found.code, error.code]).toEqual([2, code]);
        expect(error.message).toMatch(new RegExp(`^${before}.* cannot be read \\(${why}\\)$`));
        expect(error.hint).toContain(hint);
      }
      expect(cli.fake.seen.filter(({ method }) => method !== 'GET')).toEqual([]);
    });
  }

  test('an agents-llm.yaml that links to a password file, without showing its content', async () => {
    const { top } = await place();
    const cli = await configureCli();
    const { link } = await odd(top);
    for (const more of [[], ['--json'], ['--debug']]) {
      const found = await runBin(['apply', '--file', link, ...more], { ...cli.env, AGENTS_LLM_TRUST: '1' });
      expect(found.code).toBe(2);
      expect(found.stdout + found.stderr).toMatch(/:1:\d+: /);
      expect(found.stdout + found.stderr).not.toMatch(/salt|hash|daemon|19000/);
    }
  });
});

test('run starts its command with the umask of the user', async () => {
  const cli = await configureCli();
  const bin = fileURLToPath(new URL('../../bin/agents-llm.js', import.meta.url));
  const command = `umask 0000; exec '${process.execPath}' '${bin}' run --allow-missing-models -- sh -c umask`;
  const { stdout } = await promisify(execFile)('sh', ['-c', command], { env: { ...cli.env } });
  expect(stdout).toBe('0000\n');
  for (const name of await readdir(cli.home, { recursive: true })) {
    expect([name, (await stat(join(cli.home, name))).mode & 0o077]).toEqual([name, 0]);
  }
});
