import { basename, dirname, resolve } from 'node:path';
import type { Context } from '../../context/context.ts';
import { editFile, fileKind } from '../../io/files/byte-file.ts';
import { CliError, systemCode } from '../../model/errors.ts';
import { isSafeValue } from '../../model/secret.ts';
import { setVariables } from '../../text/dotenv-edit.ts';

type Variables = Readonly<Record<string, string>>;

/** Called before a key is created, so that none is created for a file that cannot be written. */
export async function requireEnvFile(path: string, force: boolean, context: Context): Promise<string> {
  const full = resolve(context.cwd, path);
  const kind = await guard(path, () => fileKind(full));
  if (kind === 'folder' || kind === 'other') {
    throw new CliError('usage', `${path} is ${kind === 'folder' ? 'a folder' : 'not a regular file'}`, {
      hint: 'Name a file with --write-env .env',
    });
  }
  if (kind === 'link') {
    throw new CliError('usage', `${path} is a symbolic link`, { hint: 'Name the file that it leads to' });
  }
  if (!force && (await isTracked(full, context))) {
    throw new CliError('env_file_tracked', `git tracks ${path}, so the key would be committed`, {
      hint: `Stop tracking it first: git rm --cached ${path}\nOr write it anyway with --force`,
      details: { path: full },
    });
  }
  return full;
}

/** False if nothing had to change. Keeps the file's permissions; a new file has mode 0600. */
export async function writeEnvFile(path: string, variables: Variables): Promise<boolean> {
  const unsafe = Object.entries(variables).find(([, value]) => !isSafeValue(value));
  if (unsafe) {
    throw new CliError(
      'usage',
      `The value of ${unsafe[0]} contains characters that programs read differently in dotenv files`,
      {
        hint: 'Set it in your shell: eval "$(agents-llm env)"',
      },
    );
  }
  return guard(path, () =>
    editFile(path, 0o600, (before) => {
      const after = setVariables(before?.bytes ?? '', variables);
      const isReadOnly = before !== undefined && (before.mode & 0o200) === 0;
      if (isReadOnly && after !== before.bytes) throw Object.assign(new Error('read-only'), { code: 'EACCES' });
      return after;
    }),
  );
}

/** Prevents git from running programs that the settings of an untrusted repository name. */
const RUNS_NOTHING = { GIT_ALLOW_PROTOCOL: 'none', GIT_NO_LAZY_FETCH: '1', GIT_OPTIONAL_LOCKS: '0' };

export async function isTracked(
  path: string,
  { runner, env, signal }: Pick<Context, 'runner' | 'env' | 'signal'>,
): Promise<boolean> {
  const inFolder = ['-C', dirname(path), '-c', 'core.fsmonitor=false'];
  const args = [...inFolder, 'ls-files', '--error-unmatch', '--', basename(path)];
  const { GIT_DIR: _, GIT_WORK_TREE: __, GIT_INDEX_FILE: ___, ...clean } = env;
  const result = await runner.run(
    { file: 'git', args },
    { env: { ...clean, ...RUNS_NOTHING }, timeoutMs: 10_000, signal },
  );
  return result.outcome === 'exited' && result.exitCode === 0;
}

async function guard<Result>(path: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined || error instanceof CliError) throw error;
    throw new CliError('state_unwritable', `${path} cannot be read or written (${code})`, {
      hint: 'Run the command again when the file can be written (the key is saved)',
    });
  }
}
