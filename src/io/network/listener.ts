import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { socketRows } from './served-by.ts';

/** See `Processes.listener`. */
export async function listener(port: number): Promise<Listener | undefined> {
  const rows = socketRows(port);
  if (!rows) return listenerByLsof(port);
  const found = rows.filter(({ listens }) => listens);
  const [first] = found;
  if (!first) return undefined;
  const links = new Set(found.map(({ inode }) => `socket:[${inode}]`));
  const pid = pids().find((candidate) => holdsOneOf(candidate, links));
  const command = pid === undefined ? null : textOf(`/proc/${pid}/comm`).trim() || 'unknown';
  return { pid: pid ?? null, command, user: userName(first.uid) };
}

const orElse = <Value>(read: () => Value, fallback: Value): Value => {
  try {
    return read();
  } catch {
    return fallback;
  }
};

const textOf = (path: string) => orElse(() => readFileSync(path, 'utf8'), '');

const pids = () =>
  orElse(() => readdirSync('/proc'), [])
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

function holdsOneOf(pid: number, links: ReadonlySet<string>): boolean {
  const folder = `/proc/${pid}/fd`;
  return orElse(() => readdirSync(folder), []).some((name) =>
    links.has(orElse(() => readlinkSync(`${folder}/${name}`), '')),
  );
}

/** The id itself for users of a directory service, who are not in that file. */
function userName(uid: number): string {
  const line = textOf('/etc/passwd')
    .split('\n')
    .find((entry) => entry.split(':')[2] === String(uid));
  return line?.split(':')[0] || String(uid);
}

const LSOF_MS = 3000;

/** macOS shows a user only their own processes, and root all of them. */
async function listenerByLsof(port: number): Promise<Listener | undefined> {
  const [{ execFile }, { promisify }] = await Promise.all([import('node:child_process'), import('node:util')]);
  // `+c0` prints whole command names instead of nine characters.
  const args = ['-nP', '+c0', `-iTCP:${port}`, '-sTCP:LISTEN', '-FpcL'];
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
  const text = await promisify(execFile)('lsof', args, { env, timeout: LSOF_MS }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  const field = (letter: string) => new RegExp(`^${letter}(.+)$`, 'm').exec(text)?.[1] ?? null;
  const pid = field('p');
  const command = field('c')?.replace(/\\x([0-9a-f]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
  return pid === null ? undefined : { pid: Number(pid), command: command ?? null, user: field('L') };
}

/** Who listens on a port, as far as the system tells us. */
export interface Listener {
  /** Null when it is another user's. */
  readonly pid: number | null;
  /** Null when it is another user's. */
  readonly command: string | null;
  /** Name or id; null if it is unknown. */
  readonly user: string | null;
}
