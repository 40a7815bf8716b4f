import { constants, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { userInfo } from 'node:os';

/** A file that stays the one that was opened, whatever is put in its place: on Linux `path` leads to it alone. */
export interface HeldFile {
  readonly path: string;
  close(): Promise<void>;
}

/** For a file of ours in a folder that may be anyone's: a link in its place, or another user's file, is an error. */
export async function holdFile(path: string): Promise<HeldFile> {
  const file = await open(path, constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  const found = await file.stat();
  if (found.isFile() && ![found.uid, undefined].includes(ownId())) {
    await file.close();
    throw Object.assign(new Error(`EPERM: ${path}`), { code: 'EPERM' });
  }
  const held = `/proc/self/fd/${file.fd}`;
  return { path: existsSync(held) ? held : path, close: () => file.close() };
}

/** Undefined where there are no ids, or ours has no name. */
function ownId(): number | undefined {
  try {
    const { uid } = userInfo();
    return uid < 0 ? undefined : uid;
  } catch {
    return undefined;
  }
}
