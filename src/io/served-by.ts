import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { systemCode } from '../errors.ts';
import type { Connection, Endpoint, Served } from './connection.ts';
import { descendantsOf } from './process-table.ts';
import { otherEnd, parseSockets, type Socket, type SocketRow } from './socket-table.ts';

/** See `Processes.serves`. */
export async function serves(pid: number, connection: Connection): Promise<Served> {
  const rows = await socketRows();
  if (!rows) return servesByLsof(pid, connection);
  const socket = otherEnd(rows, connection);
  if (!socket) return 'gone';
  if (holds(pid, socket)) return 'ours';
  return descendantsOf(pid).some((child) => holds(child, socket)) ? 'ours' : 'other';
}

/** See `Processes.servedBy`. */
export async function servedBy(connection: Connection): Promise<number | undefined> {
  const uid = otherEnd((await socketRows()) ?? [], connection)?.uid;
  return uid === undefined || (await isForeign(uid)) ? undefined : uid;
}

/** Undefined without `/proc`, as on macOS. */
export async function socketRows(): Promise<SocketRow[] | undefined> {
  const [ipv4, ipv6] = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(textOf));
  return ipv4 === undefined ? undefined : parseSockets(ipv4).concat(parseSockets(ipv6 ?? ''));
}

const textOf = (path: string) => readFile(path, 'utf8').catch(() => undefined);

/**
 * By the files that the process has open. Where these may not be read, which is so for root in a container without
 * CAP_SYS_PTRACE, by its user: nobody else can have made a socket of that user's.
 */
function holds(pid: number, { inode, uid }: Socket): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((descriptor) => linkOf(`${folder}/${descriptor}`) === `socket:[${inode}]`);
  } catch (error) {
    return systemCode(error) === 'EACCES' && uidOf(pid) === uid;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (systemCode(error) === 'EACCES') throw error;
    // Closed since the folder was read.
    return '';
  }
}

function uidOf(pid: number): number | undefined {
  try {
    const effective = /^Uid:\s+\d+\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return effective === undefined ? undefined : Number(effective);
  } catch {
    return undefined;
  }
}

/** In a user namespace all users outside it look like one, of whom nothing can be said. */
async function isForeign(uid: number): Promise<boolean> {
  const [overflow, map] = await Promise.all(['/proc/sys/kernel/overflowuid', '/proc/self/uid_map'].map(textOf));
  const isWhole = /^\s*0\s+0\s+4294967295\s*$/.test(map ?? '');
  return !isWhole && uid === Number(overflow ?? 65_534);
}

const LSOF_MS = 3000;

/** macOS: of the process group, which a service leads, the sockets with that port. */
async function servesByLsof(pid: number, { local, remote }: Connection): Promise<Served> {
  const [{ execFile }, { promisify }] = await Promise.all([import('node:child_process'), import('node:util')]);
  const args = ['-nP', '-a', '-g', String(pid), `-iTCP:${remote.port}`, '-Fn'];
  // It ends with 1 when it finds none, and is not in the PATH of every shell.
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
  const text = await promisify(execFile)('lsof', args, { env, timeout: LSOF_MS }).then(
    ({ stdout }) => stdout,
    (error: { readonly stdout?: string; readonly code?: unknown }) =>
      error.code === 1 ? (error.stdout ?? '') : undefined,
  );
  if (text === undefined) return 'unseen';
  const names = new Set(text.split('\n').map((line) => line.slice(1)));
  const wanted = [`${nameOf(remote)}->${nameOf(local)}`, nameOf(remote), `*:${remote.port}`];
  return wanted.some((name) => names.has(name)) ? 'ours' : 'other';
}

const nameOf = ({ address, port }: Endpoint) => `${address.includes(':') ? `[${address}]` : address}:${port}`;
