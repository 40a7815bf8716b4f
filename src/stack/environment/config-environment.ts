import { join, resolve } from 'node:path';
import type { Files } from '../../io/files/files.ts';
import type { Config } from '../../litellm/config/config.ts';
import type { ConfigPlace } from '../../litellm/config/find-config.ts';
import type { GatewayVariable } from '../../model/gateway-environment.ts';
import type { ProjectPaths } from '../../model/paths.ts';
import { readEnvironment } from '../../project/environment.ts';
import type { ConfigEnvironment } from './environment-flags.ts';

type Place = Pick<ConfigPlace, 'shown' | 'folder'>;

/** The gateway's variables in agents-llm.yaml, with absolute paths of the files that it names. */
export function environmentOfConfig(
  { environment = [], awsProfile, proxyFromEnv, ca }: Config,
  { shown, folder }: Place,
  home: string,
): ConfigEnvironment {
  const variables = environment.map((variable) =>
    'file' in variable ? { ...variable, file: absolute(variable.file, folder, home) } : variable,
  );
  const authority = ca === undefined ? undefined : absolute(ca, folder, home);
  return { shown, variables, awsProfile, proxyFromEnv: proxyFromEnv ?? false, ca: authority };
}

const absolute = (path: string, folder: string, home: string) =>
  path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : resolve(folder, path);

interface Kept {
  readonly files: Pick<Files, 'read'>;
  readonly paths: Pick<ProjectPaths, 'environment'>;
  readonly home: string;
}

/** The warnings of `apply` about variables that only the next `up` gives to the gateway. */
export async function environmentDifference(
  config: Config,
  place: Place,
  { files, paths, home }: Kept,
  fix: string,
): Promise<readonly string[]> {
  const { variables, awsProfile, ...network } = environmentOfConfig(config, place, home);
  const all = (await readEnvironment(files, paths)).filter(({ source }) => source === 'config');
  const kept = all.filter((variable) => variable.network === undefined);
  const given = new Map(kept.map((variable) => [variable.name, variable]));
  const isGiven = variables.map((wanted) => {
    const current = given.get(wanted.name);
    if (!current) return false;
    if ('from' in wanted) return current.from === wanted.from;
    return 'file' in wanted ? current.file === wanted.file : current.value.reveal() === wanted.value;
  });
  const wanted = new Set(variables.map(({ name }) => name));
  const changed = [
    ...variables.filter((_, i) => !isGiven[i]).map(({ name }) => name),
    ...kept.filter(({ name }) => !wanted.has(name) && !name.startsWith('AWS_')).map(({ name }) => name),
    ...(given.get('AWS_PROFILE')?.value.reveal() === awsProfile || wanted.has('AWS_PROFILE') ? [] : ['AWS_PROFILE']),
  ];
  const names = [...new Set(changed)].sort().join(', ');
  const missing = `The gateway does not have the variables of ${place.shown} yet (${names}). ${fix}`;
  const field = networkDifference(network, all);
  return [
    ...(changed.length > 0 ? [missing] : []),
    ...field.map((name) => `${name} in ${place.shown} differs from what the gateway was started with. ${fix}`),
  ];
}

/**
 * The fields for network access that differ from those of the last `up`. `proxy_from_env` without saved proxies does not
 * differ, because this machine may have no proxy.
 */
function networkDifference(
  { proxyFromEnv, ca }: Pick<ConfigEnvironment, 'proxyFromEnv' | 'ca'>,
  kept: readonly GatewayVariable[],
): readonly string[] {
  const hasProxies = kept.some(({ network }) => network === 'proxy');
  const authority = kept.find(({ network }) => network === 'ca')?.file;
  return [...(hasProxies && !proxyFromEnv ? ['proxy_from_env'] : []), ...(authority === ca ? [] : ['ca'])];
}
