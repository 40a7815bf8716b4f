import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The last commit whose LiteLLM role was the database's superuser. */
const PREVIOUS = '5e7d06cfe0024330c75858c8843926cf69a251f9';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Why the version before this one cannot be built here: a clone may have no history. */
export function noPrevious(): string | undefined {
  try {
    execFileSync('git', ['cat-file', '-e', `${PREVIOUS}^{commit}`], { cwd: ROOT, stdio: 'ignore' });
    return undefined;
  } catch {
    return `the history has no ${PREVIOUS}: fetch it whole, git fetch --unshallow`;
  }
}

export interface PreviousVersion {
  readonly bin: string;
  remove(): void;
}

/** Builds the version before this one from the history, with the packages of this one. */
export function buildPrevious(): PreviousVersion {
  const folder = mkdtempSync(join(tmpdir(), 'agents-llm-e2e-previous-'));
  const source = join(folder, 'source');
  mkdirSync(source);
  const tar = execFileSync('git', ['archive', PREVIOUS], { cwd: ROOT, maxBuffer: 2 ** 28 });
  execFileSync('tar', ['-x', '-C', source], { input: tar });
  symlinkSync(join(ROOT, 'node_modules'), join(source, 'node_modules'));
  execFileSync(process.execPath, [join(source, 'scripts/build.js')], { cwd: source, stdio: 'pipe' });
  return {
    bin: join(source, 'bin/agents-llm.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
