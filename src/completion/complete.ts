import type { Command } from 'commander';
import type { Context } from '../context/context.ts';
import { plainPaint } from '../io/terminal/paint.ts';
import { silentProgress } from '../io/terminal/progress.ts';
import { createRedaction } from '../model/redaction.ts';
import { resolveSettings } from '../model/settings.ts';
import { requireOwnHome } from '../project/project-folder.ts';
import { followWords, type Load, type Position } from './command-position.ts';
import { type Candidate, type Completion, completeWord } from './completion-candidates.ts';
import { liveNames } from './live-names.ts';
import type { ValueKind } from './value-kind.ts';

export interface CompletionSource {
  readonly program: Command;
  readonly load: Load;
  readonly context: Context;
  /** When the process began, by the clock. */
  readonly startedAt: number;
}

/** The words of a shell that cannot pass every text as an argument: base64 of UTF-8, each word with a line break. */
export function decodeWords(encoded: string): string[] {
  return Buffer.from(encoded, 'base64').toString('utf8').split('\n').slice(0, -1);
}

/** Prints the completions of the last word. Prints nothing else and never fails, because a shell reads it. */
export async function runComplete(words: readonly string[], source: CompletionSource): Promise<void> {
  const { program, load, context } = source;
  const position = await followWords(program, words.slice(0, -1), load);
  const completion = await completeWord(position, words.at(-1) ?? '', (kind) => namesAt(position, kind, source));
  context.streams.stdout.write(renderCompletion(completion));
}

async function namesAt(
  { given }: Position,
  kind: ValueKind,
  { context, startedAt }: CompletionSource,
): Promise<readonly Candidate[]> {
  try {
    const { projectName, baseUrl } = given;
    const { env, home, cwd } = context;
    const settings = resolveSettings(projectName === undefined ? {} : { projectName }, env, home, cwd);
    await requireOwnHome(context.files, settings.paths);
    const quiet = { progress: silentProgress, paint: plainPaint, redaction: createRedaction(), warn: () => {} };
    return await liveNames(kind, { context, settings, ...quiet }, { baseUrl, startedAt });
  } catch {
    // Nobody who presses Tab wants an error, whether there is no stack, a slow gateway or a broken file.
    return [];
  }
}

/** Each line has a word, a tab and its description; a line without a word asks the shell for file names. */
function renderCompletion({ candidates, files }: Completion): string {
  const lines = candidates.map(({ value, description }) => `${value}\t${description}\n`);
  return `${lines.join('')}${files ? '\tfiles\n' : ''}`;
}
