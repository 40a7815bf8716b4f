import type { Command } from '../../../io/processes/runner.ts';
import type { ProjectPaths } from '../../../model/paths.ts';
import type { ServiceName } from '../../../model/service.ts';
import type { StartSelection } from '../../runtime.ts';
import { type ComposeProject, composeUp } from './compose-argv.ts';

export type StartedServices = Omit<StartSelection, 'signal'>;

/**
 * `up` of named services also starts what they depend on, but not what depends on them: unless the last service is among them,
 * a plain `up` follows.
 */
export function upCommands(
  paths: ProjectPaths,
  project: ComposeProject,
  all: readonly ServiceName[],
  services: StartedServices,
): Command[] {
  const { recreate, only } = services;
  const last = all.at(-1);
  const envFiles = [paths.secrets, paths.settings];
  if (only) return [composeUp(project, envFiles, { only })];
  const plain = !last || !recreate.includes(last) ? [composeUp(project, envFiles)] : [];
  return [...(recreate.length > 0 ? [composeUp(project, envFiles, { recreate })] : []), ...plain];
}
