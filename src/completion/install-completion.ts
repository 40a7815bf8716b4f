import { dirname } from 'node:path';
import { editFile, followLink } from '../io/files/byte-file.ts';
import type { Files } from '../io/files/files.ts';
import { CliError, systemCode } from '../model/errors.ts';
import type { CompletionPlaces, InstalledShell } from './completion-places.ts';

interface Script {
  readonly shell: InstalledShell;
  readonly text: string;
}

/** Returns the files that were written: none if everything was in place. */
export async function installCompletion(
  files: Pick<Files, 'makeFolder'>,
  { file, start }: CompletionPlaces,
  { shell, text }: Script,
): Promise<string[]> {
  const written: string[] = [];
  const edit = async (path: string, after: (before: string) => string) => {
    if (await guard(path, shell, () => change(files, path, after))) written.push(path);
  };
  await edit(file, () => bytesOf(text));
  if (start) await edit(start.file, (before) => withLine(before, bytesOf(start.line)));
  return written;
}

const bytesOf = (text: string) => Buffer.from(text).toString('latin1');

function withLine(before: string, line: string): string {
  if (before.split(/\r?\n/).includes(line)) return before;
  return `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n`;
}

/** Start files are often links into a dotfiles folder, so a link is followed rather than replaced. */
async function change(
  files: Pick<Files, 'makeFolder'>,
  path: string,
  edit: (before: string) => string,
): Promise<boolean> {
  const target = await followLink(path);
  await files.makeFolder(dirname(target), 0o755);
  return editFile(target, 0o644, (before) => edit(before?.bytes ?? ''));
}

async function guard(path: string, shell: InstalledShell, action: () => Promise<boolean>): Promise<boolean> {
  try {
    return await action();
  } catch (cause) {
    const code = systemCode(cause);
    if (code === undefined) throw cause;
    throw new CliError('state_unwritable', `Cannot read or write ${path} (${code})`, {
      hint: `Print the script and source it in your shell: agents-llm completion ${shell} > FILE`,
      details: { path },
      cause,
    });
  }
}
