import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject } from 'vitest';
import { argumentsOf, lines, processIds, ROOTS_DATA } from './machine-state.ts';

/** What the commands of this file were told to work on. Files run side by side, and each looks for its own leftovers. */
interface Touched {
  /** Temporary folders that hold a home. */
  readonly roots: Set<string>;
  /** Projects by their folders. */
  readonly stacks: Map<string, string>;
  /** Temporary files that were there when a folder was given up. */
  readonly files: string[];
}

export const touched: Touched = { roots: new Set(), stacks: new Map(), files: [] };

const dataFolder = (folder: string) => join(ROOTS_DATA, createHash('sha256').update(folder).digest('hex').slice(0, 12));

/** What is left of all that this file has touched; empty before its first command. */
export function snapshot() {
  const projects = new Set(touched.stacks.values());
  const data = [...touched.stacks.keys()].map(dataFolder).filter((path) => existsSync(path));
  const ofEngine = (...args: string[]) =>
    inject('docker').available
      ? [...projects].flatMap((name) =>
          lines('docker', [...args, '--filter', `label=com.docker.compose.project=${name}`]),
        )
      : [];
  return {
    containers: ofEngine('ps', '-a', '--format', '{{.Names}}'),
    volumes: ofEngine('volume', 'ls', '--format', '{{.Name}}'),
    networks: ofEngine('network', 'ls', '--format', '{{.Name}}'),
    processes: processesIn([...touched.roots, ...data]),
    data,
    files: [...touched.files],
  };
}

export function expectNoLeaks(before: ReturnType<typeof snapshot>): void {
  expect(snapshot()).toEqual(before);
}

/** By their arguments, working directory or environment. */
function processesIn(folders: readonly string[]): string[] {
  if (folders.length === 0) return [];
  const mine = String(process.pid);
  const found = processIds()
    .filter((pid) => pid !== mine)
    .flatMap((pid) => {
      const words = readProcess(pid);
      return folders.some((folder) => words.some((word) => word.includes(folder))) ? [words[0] ?? pid] : [];
    });
  return found.sort();
}

/** Nothing of a process that has just ended. */
function readProcess(pid: string): string[] {
  const about = `/proc/${pid}`;
  try {
    return [argumentsOf(pid), readlinkSync(`${about}/cwd`), ...readFileSync(`${about}/environ`, 'utf8').split('\0')];
  } catch {
    return [];
  }
}
