export interface PostmasterPid {
  readonly pid: number;
  readonly port: number;
  /** The folder of its socket. */
  readonly sockets: string;
  /** Whether it takes connections. */
  readonly ready: boolean;
}

/** PostgreSQL's `postmaster.pid`: pid, data directory, start time, port, socket folder, address, shared memory, status. */
export function parsePostmasterPid(text: string): PostmasterPid | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  const [pid, , , port, sockets, , , status] = lines;
  if (!pid || !port || !sockets) return undefined;
  return { pid: Number(pid), port: Number(port), sockets, ready: status === 'ready' };
}
