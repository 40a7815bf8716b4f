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

/** Those of a port on this side; undefined without `/proc`. */
export function socketRows(port: number): SocketRow[] | undefined {
  const [ipv4, ipv6] = [textOf('/proc/net/tcp'), textOf('/proc/net/tcp6')];
  return ipv4 === undefined ? undefined : parseSockets(ipv4, port).concat(parseSockets(ipv6 ?? '', port));
}

const reading = new Map<string, Promise<string | undefined>>();

/** The kernel takes milliseconds for a table, so connections that are made at once share what is read after the last of them. */
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

/** No disk is read: to wait in the thread pool takes longer. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * By the files that the process has open. Where these cannot be read, as by root in a container without
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
  const effective = /^Uid:\s+\d+\s+(\d+)/m.exec(textOf(`/proc/${pid}/status`) ?? '')?.[1];
  return effective === undefined ? undefined : Number(effective);
}

/** In a user namespace all users outside it look like one, of whom nothing can be said. */
function isForeign(uid: number): boolean {
  const [overflow, map] = [textOf('/proc/sys/kernel/overflowuid'), textOf('/proc/self/uid_map')];
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
