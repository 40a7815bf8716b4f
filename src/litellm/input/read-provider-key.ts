import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Operation } from '../../context/invocation.ts';
import { readGiven } from '../../io/files/read-given.ts';
import { askHidden } from '../../io/terminal/ask.ts';
import { CliError } from '../../model/errors.ts';
import { Secret } from '../../model/secret.ts';
import { KEY_VARIABLES, KEYLESS } from '../admin/known-providers.ts';
import { canAsk } from './ask-target.ts';

/** Where the provider key comes from. Never the key itself, because others can read a command line. */
export interface KeySourceFlags {
  readonly fromEnv?: string;
  readonly fromStdin?: boolean;
  readonly fromFile?: string;
}

/** Undefined only for providers that work without a key. */
export async function readProviderKey(
  flags: KeySourceFlags,
  provider: string,
  invocation: Pick<Operation, 'context' | 'progress'>,
): Promise<Secret | undefined> {
  const given = [flags.fromEnv, flags.fromStdin, flags.fromFile].filter((flag) => flag !== undefined);
  if (given.length > 1) {
    throw new CliError('usage', 'The key has more than one source', {
      hint: 'Use only one of --from-env, --from-stdin and --from-file',
    });
  }
  if (given.length === 0 && KEYLESS.has(provider)) return undefined;
  const [value, source] = await readSource(flags, provider, invocation);
  return new Secret(checkKey(value.replace(/\r?\n$/, ''), source));
}

async function readSource(
  flags: KeySourceFlags,
  provider: string,
  invocation: Pick<Operation, 'context' | 'progress'>,
): Promise<[string, string]> {
  const { context } = invocation;
  const usual = KEY_VARIABLES[provider];
  if (flags.fromEnv !== undefined) {
    const value = context.env[flags.fromEnv];
    if (value) return [value, flags.fromEnv];
    throw new CliError('usage', `Environment variable ${flags.fromEnv} is ${value === '' ? 'empty' : 'not set'}`, {
      hint:
        usual && usual !== flags.fromEnv
          ? `Use the usual variable with --from-env ${usual}`
          : 'Set it, or give the key with --from-stdin',
    });
  }
  if (flags.fromStdin) return [await text(context.streams.stdin), 'stdin'];
  if (flags.fromFile !== undefined) {
    const { fromFile: path } = flags;
    return [await readGiven(context.files, resolve(context.cwd, path), (why) => unreadable(path, why)), path];
  }
  if (canAsk(context)) return [await askHidden(`API key for ${provider}:`, invocation), 'the prompt'];
  throw new CliError('usage', `No API key given for ${provider}`, {
    hint: `Use --from-env ${usual ?? 'VARIABLE'}, --from-stdin or --from-file PATH`,
  });
}

function unreadable(path: string, why: string): CliError {
  return new CliError('usage', `Key file ${path} cannot be read (${why})`, {
    hint: 'Name another file, or use --from-stdin',
  });
}

function checkKey(value: string, source: string): string {
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  const why = value === '' ? 'is empty' : 'contains a space, a newline or a character that no key has';
  throw new CliError('usage', `The key from ${source} ${why}`, { hint: 'Give only the key, on one line' });
}
