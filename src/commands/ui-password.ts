import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { InvalidArgumentError } from 'commander';
import type { Context } from '../context.ts';
import { CliError, systemCode } from '../errors.ts';
import { isSafeValue, Secret } from '../secret.ts';

/** Where the UI's password comes from. Never the password itself: a command line can be read by others. */
export type PasswordSource =
  | { readonly kind: 'stdin' | 'generate' }
  | { readonly kind: 'env' | 'file'; readonly name: string };

export function parsePasswordSource(value: string): PasswordSource {
  if (value === 'stdin' || value === 'generate') return { kind: value };
  const match = /^(env|file):(.+)$/s.exec(value);
  if (match?.[1] && match[2]) return { kind: match[1] === 'env' ? 'env' : 'file', name: match[2] };
  throw new InvalidArgumentError(
    'It is a source: stdin, file:PATH, env:NAME or generate. A password is never an argument.',
  );
}

export async function readPassword(source: PasswordSource, context: Context): Promise<Secret> {
  const value = (await readSource(source, context)).replace(/\r?\n$/, '');
  if (value.length >= 8 && isSafeValue(value)) return new Secret(value);
  throw new CliError('usage', `the UI password from ${describe(source)} cannot be used`, {
    hint: 'it needs 8 characters or more, out of A-Z a-z 0-9 _ . : / @ + = -',
  });
}

async function readSource(source: PasswordSource, { env, streams, randomBytes }: Context): Promise<string> {
  switch (source.kind) {
    case 'generate':
      return randomBytes(12).toString('hex');
    case 'stdin':
      return text(streams.stdin);
    case 'env':
      return env[source.name] ?? '';
    case 'file':
      return readFile(source.name, 'utf8').catch((error) => {
        throw new CliError('usage', `the UI password's file ${source.name} cannot be read (${systemCode(error)})`);
      });
  }
}

function describe(source: PasswordSource): string {
  return source.kind === 'env' || source.kind === 'file' ? `${source.kind}:${source.name}` : source.kind;
}
