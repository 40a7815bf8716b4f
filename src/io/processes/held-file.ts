import { constants, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { userInfo } from 'node:os';

/** An open file. On Linux `path` refers to it even if another file takes its place. */
export interface HeldFile {
  readonly path: string;
  close(): Promise<void>;
}

/** For our file in a shared folder: a link or another user's file in its place is an error. */
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

/** Undefined on systems without user ids, and if our id has no user. */
function ownId(): number | undefined {
  try {
    const { uid } = userInfo();
    return uid < 0 ? undefined : uid;
  } catch {
    return undefined;
  }
}
