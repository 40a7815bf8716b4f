import type { ProjectPaths } from '../../model/paths.ts';
import { type StackSpec, servicesOf } from '../../model/stack-spec.ts';
import type { PullPolicy } from '../runtime.ts';
import { shellLine } from './compose/compose-argv.ts';
import type { ComposeStackOptions } from './compose/compose-stack.ts';
import { layeredProject } from './compose/layered-project.ts';
import { upCommands } from './compose/up-commands.ts';
import { docker as command } from './engine/docker-cli.ts';
import { imagesOf } from './images-of.ts';
import { dockerPull } from './prepare-images.ts';

/** See `Runtime.plan`. */
export function dockerPlan(
  spec: StackSpec,
  policy: PullPolicy,
  paths: ProjectPaths,
  layers: Pick<ComposeStackOptions, 'project' | 'templates'>,
): readonly string[] {
  const pulls = imagesOf(spec).map((image) => {
    const pull = shellLine(dockerPull(image));
    return policy === 'always'
      ? pull
      : `${shellLine(command('image', 'inspect', '--format', '{{.Id}}', image))} || ${pull}`;
  });
  return [
    ...(policy === 'never' ? [] : pulls),
    ...upCommands(paths, layeredProject(spec, layers), servicesOf(spec), { recreate: [] }).map(shellLine),
  ];
}
