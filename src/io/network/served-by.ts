import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { systemCode } from '../../model/errors.ts';
import { descendantsOf } from '../processes/process-table.ts';
import type { Connection, Endpoint, Served } from './connection.ts';
import { acceptedEnd, otherEnd, parseSockets, type Socket, type SocketRow } from './socket-table.ts';

/** See `Processes.serves`. */
export async function serves(pid: number, connection: Connection): Promise<Served> {
  const socket = await socketAt(connection);
  if (socket === 'unseen') return servesByLsof(pid, connection);
  if (socket === 'gone') return socket;
  if (holds(pid, socket)) return 'ours';
  return descendantsOf(pid).some((child) => holds(child, socket)) ? 'ours' : 'other';
}

/** See `Processes.servedBy`. */
export async function servedBy(connection: Connection): Promise<number | undefined> {
  const socket = await socketAt(connection);
  return typeof socket === 'string' || isForeign(socket.uid) ? undefined : socket.uid;
}

/** `unseen` without `/proc`, as on macOS. */
async function socketAt(connection: Connection): Promise<Socket | 'gone' | 'unseen'> {
  const { port } = connection.remote;
  const ipv4 = await tableText('tcp');
  if (ipv4 === undefined) return 'unseen';
  const rows = parseSockets(ipv4, port);
  const accepted = acceptedEnd(rows, connection);
  if (accepted) return accepted;
  return otherEnd(rows.concat(parseSockets((await tableText('tcp6')) ?? '', port)), connection) ?? 'gone';
}

/** The sockets with this local port; undefined without `/proc`. */
export function socketRows(port: number): SocketRow[] | undefined {
  const [ipv4, ipv6] = [textOf('/proc/net/tcp'), textOf('/proc/net/tcp6')];
  return ipv4 === undefined ? undefined : parseSockets(ipv4, port).concat(parseSockets(ipv6 ?? '', port));
}

const reading = new Map<string, Promise<string | undefined>>();

/** Reading a table takes milliseconds, so connections that are made at the same time share one that is read after the last. */
function tableText(name: 'tcp' | 'tcp6'): Promise<string | undefined> {
  const known = reading.get(name);
  if (known !== undefined) return known;
  const text = new Promise<string | undefined>((resolve) =>
    setImmediate(() => {
      reading.delete(name);
      resolve(textOf(`/proc/net/${name}`));
    }),
  );
  reading.set(name, text);
  return text;
}

/** Synchronous because /proc is not on a disk, so the thread pool would only add time. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Decided by the open files of the process. If these cannot be read, as by root in a container without
 * CAP_SYS_PTRACE, decided by its user, because only that user can have created the socket.
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
  const effective = /^Uid:\s+\d+\s+(\d+)/m.exec(textOf(`/proc/${pid}/status`) ?? '')?.[1];
  return effective === undefined ? undefined : Number(effective);
}

/** In a user namespace all outside users have the same id, so they cannot be distinguished. */
function isForeign(uid: number): boolean {
  const [overflow, map] = [textOf('/proc/sys/kernel/overflowuid'), textOf('/proc/self/uid_map')];
  const isWhole = /^\s*0\s+0\s+4294967295\s*$/.test(map ?? '');
  return !isWhole && uid === Number(overflow ?? 65_534);
}

const LSOF_MS = 3000;

/** macOS: looks for the sockets with that port in the process group that the service leads. */
async function servesByLsof(pid: number, { local, remote }: Connection): Promise<Served> {
  const [{ execFile }, { promisify }] = await Promise.all([import('node:child_process'), import('node:util')]);
  const args = ['-nP', '-a', '-g', String(pid), `-iTCP:${remote.port}`, '-Fn'];
  // lsof exits with 1 if it finds nothing, and it is not on every PATH.
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
