import { execFileSync } from 'node:child_process';

export function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** Removes all of a project, however broken it is. */
export function removeProject(project: string): void {
  const filter = ['--filter', `label=com.docker.compose.project=${project}`];
  const remove = (list: string[], command: string[]) => {
    const names = docker(...list, ...filter)
      .split('\n')
      .filter(Boolean);
    if (names.length > 0) docker(...command, ...names);
  };
  remove(['ps', '-aq'], ['rm', '-f', '-v']);
  remove(['volume', 'ls', '-q'], ['volume', 'rm', '-f']);
  remove(['network', 'ls', '-q'], ['network', 'rm']);
}
