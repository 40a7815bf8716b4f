import { existsSync } from 'node:fs';
import { expect, inject } from 'vitest';
import { dataFolder, ofProjects, processesIn } from './machine-state.ts';

/** What the commands of this file worked on. Files run in parallel, and each one checks for its own leftovers. */
interface Touched {
  /** Temporary folders that hold a home. */
  readonly roots: Set<string>;
  /** Projects by their folders. */
  readonly stacks: Map<string, string>;
  /** Temporary files that existed when a folder was removed. */
  readonly files: string[];
}

export const touched: Touched = { roots: new Set(), stacks: new Map(), files: [] };

/** What is left of all that this file has touched; empty before its first command. */
export function snapshot() {
  const data = [...touched.stacks.keys()].map(dataFolder).filter((path) => existsSync(path));
  return {
    ...ofProjects(inject('docker').available ? new Set(touched.stacks.values()) : []),
    processes: processesIn([...touched.roots, ...data]),
    data,
    files: [...touched.files],
  };
}

export function expectNoLeaks(before: ReturnType<typeof snapshot>): void {
  expect(snapshot()).toEqual(before);
}
