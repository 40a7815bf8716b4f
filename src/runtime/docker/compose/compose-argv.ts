import type { Command } from '../../../io/processes/runner.ts';
import type { ServiceName } from '../../../model/service.ts';
import { docker } from '../engine/docker-cli.ts';

/** What every Compose call specifies, so that nothing depends on the working folder. */
export interface ComposeProject {
  readonly name: string;
  readonly folder: string;
  /** The Compose file of this package and the files on top of it. */
  readonly files: readonly string[];
}

function compose({ name, folder, files }: ComposeProject, envFiles: readonly string[], ...rest: string[]): Command {
  const layers = files.flatMap((path) => ['-f', path]);
  const env = envFiles.flatMap((path) => ['--env-file', path]);
  return docker('compose', '-p', name, '--project-directory', folder, ...layers, ...env, ...rest);
}

export const composeVersion = (): Command => docker('compose', 'version', '--short');

/**
 * Never uses `-y`, which answers "recreate the volume (data will be lost)?" with yes, nor `--wait`, which may succeed although
 * nothing is healthy (docker/compose#14074). The images are downloaded earlier, so no registry is asked here.
 */
export function composeUp(
  project: ComposeProject,
  envFiles: readonly string[],
  services: { readonly recreate?: readonly ServiceName[]; readonly only?: readonly ServiceName[] } = {},
): Command {
  const { recreate = [], only = [] } = services;
  const recreation = recreate.length > 0 ? ['--force-recreate'] : [];
  return compose(project, envFiles, 'up', '-d', '--pull', 'never', ...recreation, ...recreate, ...only);
}

export function composeStop(project: ComposeProject, services: readonly ServiceName[] = []): Command {
  return compose(project, [], 'stop', ...services);
}

export function composeDown(project: ComposeProject, options: { readonly volumes: boolean }): Command {
  return compose(project, [], 'down', ...(options.volumes ? ['-v'] : []));
}

/** A command line that can be pasted into a POSIX shell. */
export function shellLine({ file, args }: Command): string {
  return [file, ...args].map(quote).join(' ');
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
