import { appendFileSync, chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** Names the folder of this run for all of its processes. `npm test` makes it, and removes the noted stacks after Ctrl-C. */
const VARIABLE = 'AGENTS_LLM_TEST_RUN';

/**
 * The temporary folder of this run of the tests, in which all of its files make theirs. By it what they leave behind
 * is told from what others do on this machine: a stack of the user's own, or another run at the same time.
 */
export function beginRun(): string {
  const known = process.env[VARIABLE];
  if (known !== undefined && existsSync(known)) return known;
  const folder = mkdtempSync(join(tmpdir(), 'allm-'));
  // Some tests run as another user.
  chmodSync(folder, 0o711);
  process.env[VARIABLE] = folder;
  process.env.TMPDIR = folder;
  return folder;
}

/** The Docker projects and the folders of stacks that the tests of this run work on, one a line. */
const NOTES = 'stacks';

interface NotedStack {
  readonly project: string;
  readonly folder: string;
}

export function noteStack(project: string, folder = ''): void {
  const run = process.env[VARIABLE];
  if (run !== undefined) appendFileSync(join(run, NOTES), `${project}\t${folder}\n`);
}

export function notedStacks(run: string): NotedStack[] {
  const path = join(run, NOTES);
  const lines = existsSync(path) ? new Set(readFileSync(path, 'utf8').split('\n').filter(Boolean)) : [];
  return [...lines].map((line) => {
    const [project = '', folder = ''] = line.split('\t');
    return { project, folder };
  });
}

export function endRun(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
