import { join } from 'node:path';
import { REVERSE_PROXY, type ServiceState } from '../../../model/service.ts';
import type { StackSpec } from '../../../model/stack-spec.ts';
import type { ComposeProject } from './compose-argv.ts';

interface Layers {
  readonly project: ComposeProject;
  /** The folder with the files that are layered on top of docker-compose.yml. */
  readonly templates: string;
}

const FAST_START = 'fast-start';

/** The layers of the project that a spec asks for. */
export function layeredProject(spec: StackSpec, { project, templates }: Layers): ComposeProject {
  const { tls, externalDatabase } = spec;
  const fast = usesOurEntryPoint(spec) ? [FAST_START] : [];
  const names = [...fast, ...(externalDatabase ? ['external-database'] : []), ...(tls ? [tls.proxy] : [])];
  return withLayers(project, templates, names);
}

/** Our entry point also puts LiteLLM's own configuration where LiteLLM reads it. */
export const usesOurEntryPoint = ({ fastStart, litellm }: StackSpec) => fastStart !== false || litellm !== undefined;

/** Adds it even with `--no-fast-start`, because nothing else adds certificates to those of the image. */
export function withOurEntryPoint(layers: ComposeProject, { templates }: Pick<Layers, 'templates'>): ComposeProject {
  const entry = withLayers(layers, templates, [FAST_START]);
  return entry.files.slice(0, -1).includes(entry.files.at(-1) ?? '') ? layers : entry;
}

/** `stop` and `down` only use the names of services, which are the same for every reverse proxy. */
export async function currentProject({
  project,
  templates,
  services,
}: Layers & { readonly services: () => Promise<readonly ServiceState[]> }): Promise<ComposeProject> {
  const hasReverseProxy = (await services()).some(({ service }) => service === REVERSE_PROXY);
  return hasReverseProxy ? withLayers(project, templates, ['nginx']) : project;
}

function withLayers(project: ComposeProject, templates: string, names: readonly string[]): ComposeProject {
  const layers = names.map((name) => join(templates, `compose.${name}.yml`));
  return { ...project, files: [...project.files, ...layers] };
}
