import { PassThrough } from 'node:stream';
import type { Context } from '../../src/context/context.ts';
import { outputTo } from '../../src/io/terminal/streams.ts';
import { createRedaction } from '../../src/model/redaction.ts';
import { buildProgram, type Session } from '../../src/program.ts';

/** The program as `main` builds it, its output in `text`. */
export function programIn(context: Context) {
  const stdout = new PassThrough();
  const streams = { ...context.streams, stdout: outputTo(stdout) };
  const session: Session = {
    command: 'agents-llm',
    exitCode: 0,
    project: 'agents-llm',
    redaction: createRedaction(),
    verboseHelp: false,
    warnings: [],
  };
  return {
    program: buildProgram({ ...context, streams }, { ...session }),
    text: () => String(stdout.read() ?? ''),
  };
}

/** The answer to a shell; the last word is incomplete. */
export async function completeWords(context: Context, words: readonly string[]): Promise<string[]> {
  const { program, text } = programIn(context);
  await program.parseAsync(['__complete', '--', ...words], { from: 'user' });
  return text().split('\n').slice(0, -1);
}
