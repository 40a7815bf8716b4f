import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import type { Files } from '../../io/files/files.ts';
import { readGiven } from '../../io/files/read-given.ts';
import { MOST_TEXT } from '../../io/files/regular-file.ts';
import { CliError } from '../../model/errors.ts';
import { findSecret, isSecretName } from '../config/config-secrets.ts';

/** The LiteLLM service of a Compose file. */
export interface ComposeSource {
  /** The file passed to LiteLLM with --config; undefined if there is none. */
  readonly config: string | undefined;
  /** The port of the host. */
  readonly port: number | undefined;
  /** Its variables, without those that look like secrets. */
  readonly environment: ReadonlyMap<string, string>;
}

type Service = Readonly<Record<string, unknown>>;

export async function readCompose(files: Pick<Files, 'read'>, path: string, shown: string): Promise<ComposeSource> {
  const text = await readGiven(files, path, (why) => unusable(shown, why));
  const service = serviceIn(text);
  if (!service) throw unusable(shown, 'no service in it runs LiteLLM');
  const folder = dirname(path);
  const environment = new Map([...(await fromFiles(files, service, folder)), ...pairs(service.environment)]);
  const plain = [...environment].filter(
    ([name, value]) => !isSecretName(name) && findSecret(value) === undefined && value !== '' && !value.includes('$'),
  );
  return { config: configOf(service, folder), port: portOf(service), environment: new Map(plain) };
}

const unusable = (shown: string, why: string) =>
  new CliError('usage', `Cannot read the LiteLLM of ${shown}: ${why}`, {
    hint: "Name LiteLLM's configuration itself: agents-llm init --from-litellm config.yaml",
    details: { file: shown },
  });

function serviceIn(text: string): Service | undefined {
  try {
    const { services } = parse(text, { merge: true }) as { services?: Record<string, Service | null> };
    const all = Object.values(services ?? {}).filter((one) => typeof one === 'object' && one !== null);
    return (
      all.find(({ image }) => /litellm/i.test(String(image ?? '')) && !/postgres|redis/i.test(String(image))) ??
      all.find(({ command }) => words(command).includes('--config'))
    );
  } catch {
    return undefined;
  }
}

const words = (command: unknown): readonly string[] =>
  typeof command === 'string' ? command.split(/\s+/) : Array.isArray(command) ? command.map(String) : [];

/** The path on the host of the file in `--config`, or else of a mounted YAML file. */
function configOf(service: Service, folder: string): string | undefined {
  const all = [...words(service.entrypoint), ...words(service.command)];
  const at = all.findIndex((word) => word === '--config' || word === '-c' || word.startsWith('--config='));
  const named = at < 0 ? undefined : all[at]?.startsWith('--config=') ? all[at].slice('--config='.length) : all[at + 1];
  const mounts = (Array.isArray(service.volumes) ? service.volumes : []).flatMap(mountOf);
  const mount = named
    ? mounts.find(({ target }) => target === named || target === `/app/${named}`)
    : mounts.find(({ target }) => /\.ya?ml$/.test(target));
  return mount && resolve(folder, mount.source);
}

function mountOf(volume: unknown): readonly { readonly source: string; readonly target: string }[] {
  if (typeof volume === 'string') {
    const [source = '', target = ''] = volume.split(':');
    return /^[./~]/.test(source) ? [{ source, target }] : [];
  }
  const { source, target } = (volume ?? {}) as { source?: unknown; target?: unknown };
  return typeof source === 'string' && typeof target === 'string' ? [{ source, target }] : [];
}

function portOf({ ports }: Service): number | undefined {
  const first: unknown = Array.isArray(ports) ? ports[0] : undefined;
  const text = typeof first === 'object' && first !== null ? (first as { published?: unknown }).published : first;
  const port = Number(/(\d+)(?::\d+)?(?:\/tcp)?$/.exec(String(text ?? ''))?.[1]);
  return Number.isInteger(port) && port > 0 && port < 65_536 && String(text).includes(':') ? port : undefined;
}

function pairs(environment: unknown): readonly (readonly [string, string])[] {
  if (Array.isArray(environment)) return environment.flatMap((line) => pairOf(String(line)));
  if (typeof environment !== 'object' || environment === null) return [];
  return Object.entries(environment).flatMap(([name, value]) =>
    value === null ? [] : [[name, String(value)] as const],
  );
}

function pairOf(line: string): readonly (readonly [string, string])[] {
  const [, name, value] = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) return [];
  return [[name, value.trim().replace(/^(["'])(.*)\1$/, '$2')]];
}

async function fromFiles(files: Pick<Files, 'read'>, { env_file: given }: Service, folder: string) {
  const names = (Array.isArray(given) ? given : [given]).flatMap((one: unknown) => {
    const path = typeof one === 'object' && one !== null ? (one as { path?: unknown }).path : one;
    return typeof path === 'string' ? [path] : [];
  });
  const texts = await Promise.all(
    names.map((name) => files.read(resolve(folder, name), MOST_TEXT).catch(() => undefined)),
  );
  return texts.flatMap((text) => (text ?? '').split(/\r?\n/).flatMap(pairOf));
}
