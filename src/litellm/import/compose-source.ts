import { dirname, resolve } from 'node:path';
import type { Files } from '../../io/files/files.ts';
import { readGiven } from '../../io/files/read-given.ts';
import { CliError } from '../../model/errors.ts';
import { type ComposeEnvironment, composeEnvironment } from './compose-environment.ts';
import { type ComposeService, serviceIn, wordsOf } from './compose-service.ts';
import type { ImportLine, Path, Recorder } from './import-report.ts';
import { recorderOf } from './line-recorder.ts';

/** The LiteLLM service of a Compose file. */
export interface ComposeSource extends ComposeEnvironment {
  /** The file passed to LiteLLM with --config; undefined if there is none. */
  readonly config: string | undefined;
  /** The port of the host. */
  readonly port: number | undefined;
  /** The AWS profile to use if the files of AWS are mounted. */
  readonly awsProfile: string | undefined;
  /** Its other services. */
  readonly others: readonly string[];
  readonly record: Recorder;
  readonly lines: readonly ImportLine[];
}

interface ComposePlace {
  readonly path: string;
  readonly shown: string;
  /** The folder of agents-llm.yaml. */
  readonly target: string;
}

export async function readCompose(
  files: Pick<Files, 'read'>,
  { path, shown, target }: ComposePlace,
): Promise<ComposeSource> {
  const text = await readGiven(files, path, (why) => unusable(shown, why));
  const found = serviceIn(text);
  if (!found) throw unusable(shown, 'no service in it runs LiteLLM');
  const folder = dirname(path);
  const { record, lines } = recorderOf(text, shown);
  const environment = await composeEnvironment(found, { files, folder, target, record });
  const port = portOf(found.service);
  if (port !== undefined) record('taken', [...found.path, 'ports'], `port ${port}`);
  return {
    ...environment,
    ...{ record, lines, port, others: found.others },
    config: configOf(found, folder),
    awsProfile: awsProfileOf(found, environment, record),
  };
}

const unusable = (shown: string, why: string) =>
  new CliError('usage', `Cannot read the LiteLLM of ${shown}: ${why}`, {
    hint: "Name LiteLLM's configuration itself: agents-llm init --from-litellm config.yaml",
    details: { file: shown },
  });

/** The path on the host of the file in `--config`, or else of a mounted YAML file. */
function configOf({ service, mounts }: ComposeService, folder: string): string | undefined {
  const all = [...wordsOf(service.entrypoint), ...wordsOf(service.command)];
  const at = all.findIndex((word) => word === '--config' || word === '-c' || word.startsWith('--config='));
  const named = at < 0 ? undefined : all[at]?.startsWith('--config=') ? all[at].slice('--config='.length) : all[at + 1];
  const mount = named
    ? mounts.find(({ target }) => pathIn(target, named) !== undefined)
    : mounts.find(({ target }) => /\.ya?ml$/.test(target));
  return mount && resolve(folder, `${mount.source}${named === undefined ? '' : (pathIn(mount.target, named) ?? '')}`);
}

/** What follows a mounted folder, or nothing for a mounted file; a relative path starts in the image's own folder. */
function pathIn(target: string, named: string): string | undefined {
  const path = named.startsWith('/') ? named : `/app/${named}`;
  if (path === target) return '';
  return path.startsWith(`${target.replace(/\/$/, '')}/`) ? path.slice(target.replace(/\/$/, '').length) : undefined;
}

function portOf({ ports }: ComposeService['service']): number | undefined {
  const first: unknown = Array.isArray(ports) ? ports[0] : undefined;
  const text = typeof first === 'object' && first !== null ? (first as { published?: unknown }).published : first;
  const port = Number(/(\d+)(?::\d+)?(?:\/tcp)?$/.exec(String(text ?? ''))?.[1]);
  return Number.isInteger(port) && port > 0 && port < 65_536 && String(text).includes(':') ? port : undefined;
}

function awsProfileOf(
  { mounts, path }: ComposeService,
  { plain }: ComposeEnvironment,
  record: Recorder,
): string | undefined {
  const isMounted = mounts.some(({ source }) => /(^|\/)\.aws\/?$/.test(source));
  if (!isMounted) return undefined;
  const profile = plain.get('AWS_PROFILE') ?? 'default';
  record('taken', [...path, 'volumes'] satisfies Path, `aws.profile ${profile}: the gateway gets copies of its files`);
  return profile;
}
