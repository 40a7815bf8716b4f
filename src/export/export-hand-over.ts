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

type Exported = Leaving & { readonly handOver: HandOver };

/** Writes the files with `--output`; otherwise returns the one to print. */
export async function exportHandOver(
  target: ExportData['target'],
  leaving: Exported,
  flags: ExportFlags,
  { context }: Pick<Invocation, 'context'>,
): Promise<Outcome<ExportData>> {
  const { handOver } = leaving;
  const { main, secrets, others } = handOver;
  const folder = flags.output === undefined ? null : resolve(context.cwd, flags.output);
  if (folder !== null) await writeHandOver(context.files, folder, handOver);
  const fileOf = ({ name, text }: HandOver['main'], secret: boolean): ExportedFile => ({
    name,
    path: folder === null ? null : join(folder, name),
    secret,
    text: secret && !flags.reveal ? null : text,
  });
  const shown = folder === null ? (flags.reveal ? secrets.name : main.name) : null;
  return {
    data: {
      target,
      files: [fileOf(main, false), fileOf(secrets, true), ...others.map((file) => fileOf(file, false))],
      shown,
    },
    warnings: warningsOf(leaving, folder),
    ownLines: ['text'],
  };
}

/** `folder` is null when the files are printed. */
function warningsOf({ handOver, secrets, hasReverseProxy, warnings }: Exported, folder: string | null): string[] {
  const beside = handOver.others.map(({ name }) => name);
  const files = beside.length === 1 ? 'the file' : 'the files';
  const isWeak = loginWeakness(secrets) !== undefined;
  return [
    ...warnings,
    ...handOver.warnings,
    ...(hasReverseProxy ? ['The export has no HTTPS reverse proxy, so put one in front of the gateway there'] : []),
    ...(isWeak ? ['The UI password is easy to guess: change UI_PASSWORD before others can reach the gateway'] : []),
    ...(folder === null && beside.length > 0
      ? [`The export needs ${files} ${beside.join(', ')} beside it. Write all of them: --output FOLDER`]
      : []),
    ...(folder === null
      ? []
      : [`${join(folder, handOver.secrets.name)} holds all secrets: keep it out of version control`]),
  ];
}
