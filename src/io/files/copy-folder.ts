import { constants } from 'node:fs';
import { mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openRegular, readOpen } from './regular-file.ts';

const MOST = 1024 * 1024 * 1024;

/** Creates every folder and file; anything that already exists, such as a link, is an error. Modes do not depend on the umask. */
export async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o755 });
  const folder = await open(to, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_DIRECTORY);
  await folder.chmod(0o755).finally(() => folder.close());
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyFolder(source, target);
    else if (entry.isFile()) await copyFile(source, target);
  }
}

async function copyFile(from: string, to: string): Promise<void> {
  const source = await openRegular(from, { noLink: true });
  try {
    const mode = ((await source.stat()).mode & 0o100) !== 0 ? 0o755 : 0o644;
    const target = await open(to, 'wx', mode);
    try {
      await target.writeFile(await readOpen(source, from, MOST));
      await target.chmod(mode);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}
