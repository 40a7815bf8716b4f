import { join, resolve } from 'node:path';
import type { Invocation } from '../context/invocation.ts';
import type { Outcome } from '../model/report.ts';
import { loginWeakness } from '../stack/open/ui-login.ts';
import type { HandOver, Leaving } from './hand-over.ts';
import { writeHandOver } from './write-hand-over.ts';

export interface ExportFlags {
  readonly output?: string;
  readonly reveal?: boolean;
}

export interface ExportedFile {
  readonly name: string;
  /** Where it was written; null when it is printed. */
  readonly path: string | null;
  readonly secret: boolean;
  /** Null when it holds secrets and `--reveal` is not given. */
  readonly text: string | null;
}

export interface ExportData {
  readonly target: 'compose' | 'helm';
  readonly files: readonly ExportedFile[];
  /** What is printed: the name of one of the files, or null when they were written. */
  readonly shown: string | null;
}

/** Writes the files with `--output`; otherwise returns the one to print. */
export async function exportHandOver(
  target: ExportData['target'],
  { handOver, secrets: login, hasReverseProxy, warnings: doubts }: Leaving & { readonly handOver: HandOver },
  flags: ExportFlags,
  { context }: Pick<Invocation, 'context'>,
): Promise<Outcome<ExportData>> {
  const folder = flags.output === undefined ? null : resolve(context.cwd, flags.output);
  if (folder !== null) await writeHandOver(context.files, folder, handOver);
  const fileOf = ({ name, text }: HandOver['main'], secret: boolean): ExportedFile => ({
    name,
    path: folder === null ? null : join(folder, name),
    secret,
    text: secret && !flags.reveal ? null : text,
  });
  const isWeak = loginWeakness(login) !== undefined;
  const { main, secrets, others } = handOver;
  const warnings = [
    ...doubts,
    ...handOver.warnings,
    ...(hasReverseProxy ? ['The export has no HTTPS reverse proxy, so put one in front of the gateway there'] : []),
    ...(isWeak ? ['The UI password is easy to guess: change UI_PASSWORD before others can reach the gateway'] : []),
    ...(folder === null && others.length > 0
      ? [
          `The export needs ${others.length === 1 ? 'the file' : 'the files'} ${others.map(({ name }) => name).join(', ')} beside it. Write all of them: --output FOLDER`,
        ]
      : []),
    ...(folder === null ? [] : [`${join(folder, secrets.name)} holds all secrets: keep it out of version control`]),
  ];
  const shown = folder === null ? (flags.reveal ? secrets.name : main.name) : null;
  return {
    data: {
      target,
      files: [fileOf(main, false), fileOf(secrets, true), ...others.map((file) => fileOf(file, false))],
      shown,
    },
    warnings,
    ownLines: ['text'],
  };
}
