import { join } from 'node:path';
import type { Files } from '../../../io/files/files.ts';

type Read = Pick<Files, 'read'>;

/** The cgroup of a container on this machine: with and without systemd, in cgroups v2 and v1. */
const CGROUPS = [
  { folder: (id: string) => `/sys/fs/cgroup/system.slice/docker-${id}.scope`, usage: 'memory.current' },
  { folder: (id: string) => `/sys/fs/cgroup/docker/${id}`, usage: 'memory.current' },
  { folder: (id: string) => `/sys/fs/cgroup/memory/system.slice/docker-${id}.scope`, usage: 'memory.usage_in_bytes' },
  { folder: (id: string) => `/sys/fs/cgroup/memory/docker/${id}`, usage: 'memory.usage_in_bytes' },
] as const;

/**
 * The bytes that a running container uses, counted as `docker stats` does: without reclaimable cache. Read from its cgroup,
 * because the engine's own answer takes a second; undefined if the cgroup is not on this machine.
 */
export async function containerMemory(id: string, files: Read): Promise<number | undefined> {
  const usages = await Promise.all(CGROUPS.map(({ folder, usage }) => memoryIn(folder(id), usage, files)));
  return usages.find((bytes) => bytes !== undefined);
}

async function memoryIn(folder: string, usage: string, files: Read): Promise<number | undefined> {
  const read = (name: string) => files.read(join(folder, name)).catch(() => undefined);
  const [used, stat] = await Promise.all([read(usage), read('memory.stat')]);
  if (used === undefined) return undefined;
  const inactive = /^total_inactive_file (\d+)$/m.exec(stat ?? '') ?? /^inactive_file (\d+)$/m.exec(stat ?? '');
  return Number(used) - Number(inactive?.[1] ?? 0);
}
