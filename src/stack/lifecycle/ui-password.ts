import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Context } from '../../context/context.ts';
import { readGiven } from '../../io/files/read-given.ts';
import { CliError } from '../../model/errors.ts';
import { isSafeValue, Secret } from '../../model/secret.ts';
import { generatePassword } from '../../project/secrets.ts';

/** Where the UI password comes from. Never the password itself, because others can read command lines. */
export type PasswordSource =
  | { readonly kind: 'stdin' | 'generate' }
  | { readonly kind: 'env' | 'file'; readonly name: string };

export function parsePasswordSource(value: string): PasswordSource {
  if (value === 'stdin' || value === 'generate') return { kind: value };
  const match = /^(env|file):(.+)$/s.exec(value);
  if (match?.[1] && match[2]) return { kind: match[1] === 'env' ? 'env' : 'file', name: match[2] };
  throw new Error('Use stdin, file:PATH, env:NAME or generate. A password is never an argument.');
}

export async function readPassword(source: PasswordSource, context: Context): Promise<Secret> {
  const value = (await readSource(source, context)).replace(/\r?\n$/, '');
  // `admin` is in LiteLLM's manual; `requireSafeLogin` allows it on loopback only.
  if ((value.length >= 8 || value === 'admin') && isSafeValue(value)) return new Secret(value);
  throw new CliError('usage', `Cannot use the UI password from ${describe(source)}`, {
    hint: 'Use 8 characters or more of A-Z a-z 0-9 _ . : / @ + = -',
  });
}

async function readSource(source: PasswordSource, context: Context): Promise<string> {
  switch (source.kind) {
    case 'generate':
      return generatePassword(context.randomBytes);
    case 'stdin':
      return text(context.streams.stdin);
    case 'env':
      return context.env[source.name] ?? '';
    case 'file':
      return readPasswordFile(source.name, context);
  }
}

async function readPasswordFile(name: string, { files, cwd }: Context): Promise<string> {
  return readGiven(
    files,
    resolve(cwd, name),
    (why) => new CliError('usage', `Cannot read the file of the UI password, ${name} (${why})`),
  );
}

function describe(source: PasswordSource): string {
  return source.kind === 'env' || source.kind === 'file' ? `${source.kind}:${source.name}` : source.kind;
}
