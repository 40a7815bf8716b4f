import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { notedStacks } from './this-run.ts';

/** Where root's stacks keep their data; other users have no access. */
const ROOTS_DATA = '/var/lib/agents-llm/data';

/** Where root's native stack keeps its data. */
export const dataFolder = (folder: string) =>
  join(ROOTS_DATA, createHash('sha256').update(folder).digest('hex').slice(0, 12));

function lines(file: string, args: readonly string[]): string[] {
  return execFileSync(file, args, { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

/** What the engine has of these projects. */
export function ofProjects(projects: Iterable<string>) {
  const labels = [...projects].map((name) => `label=com.docker.compose.project=${name}`);
  const ofEngine = (...args: string[]) => labels.flatMap((label) => lines('docker', [...args, '--filter', label]));
  return {
    containers: ofEngine('ps', '-a', '--format', '{{.Names}}'),
    volumes: ofEngine('volume', 'ls', '--format', '{{.Name}}'),
    networks: ofEngine('network', 'ls', '--format', '{{.Name}}'),
  };
}

/** By their arguments, working directory or environment. None where the system has no /proc. */
export function processesIn(folders: readonly string[]): string[] {
  if (folders.length === 0 || !existsSync('/proc')) return [];
  const mine = String(process.pid);
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== mine)
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
    const args = readFileSync(`${about}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return [args, readlinkSync(`${about}/cwd`), ...readFileSync(`${about}/environ`, 'utf8').split('\0')];
  } catch {
    return [];
  }
}

/** Vitest's own workers have the folder of the run in their environment, too. */
const OF_VITEST = /[\\/]node_modules[\\/](?:vitest|tinypool)[\\/]|esbuild/;

/** Unit and cli tests may make theirs in the same folder. */
const OF_END_TO_END = /e2e|^nginx-image-|^agents-llm-(action|export|compose)-/;

/** All that this run has left on this machine, in words. */
export function leftBehind(run: string, { docker }: { readonly docker: boolean }): string[] {
  if (!existsSync(run)) return [];
  const noted = notedStacks(run);
  const projects = new Set(noted.map(({ project }) => project));
  const left = {
    ...(docker ? ofProjects(projects) : {}),
    ...(docker ? { 'containers of a folder': containersIn(run) } : {}),
    processes: processesIn([run]).filter((line) => !OF_VITEST.test(line)),
    data: noted.map(({ folder }) => dataFolder(folder)).filter((path) => existsSync(path)),
    files: readdirSync(run).filter((name) => OF_END_TO_END.test(name)),
  };
  return Object.entries(left).flatMap(([kind, found]) => found.map((one) => `${kind}: ${one}`));
}

/** Those that Compose made from a file or for a project of the run, whatever their project is called. */
function containersIn(run: string): string[] {
  const label = '{{.Label "com.docker.compose.project.working_dir"}}';
  return lines('docker', ['ps', '-a', '--format', `{{.Names}} ${label}`]).filter((line) => line.includes(run));
}
