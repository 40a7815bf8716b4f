import { readFile, readlink } from 'node:fs/promises';

/** Where a process id is unique: the pid namespace and this boot of the machine. Both are empty if unknown. */
export interface ProcessPlace {
  readonly namespace: string;
  readonly boot: string;
}

export async function processPlace(): Promise<ProcessPlace> {
  const [namespace, boot] = await Promise.all([
    readlink('/proc/self/ns/pid').catch(() => ''),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
  ]);
  return { namespace, boot: boot.trim() };
}
