import { resolve } from 'node:path';
import type { Context } from '../../context/context.ts';
import type { Invocation } from '../../context/invocation.ts';
import { MOST_TEXT } from '../../io/files/regular-file.ts';
import type { Config } from '../../litellm/config/config.ts';
import type { ConfigPlace } from '../../litellm/config/find-config.ts';
import type { Admin } from '../../litellm/open-admin.ts';
import { isOlderImage } from '../../litellm/releases/litellm-version.ts';
import { readSecrets, type StackSecrets } from '../../project/secrets.ts';
import { readState, type StackState } from '../../project/state.ts';
import { type PasswordSource, parsePasswordSource } from './ui-password.ts';
import type { UpFlags } from './up-options.ts';

/** The flags of `up`, completed by the file: a flag beats a variable beats the file beats what the stack was. */
export async function flagsWithConfig(
  flags: UpFlags,
  config: Config,
  { folder }: ConfigPlace,
  { context, settings }: Invocation,
): Promise<UpFlags> {
  const { env, files } = context;
  const secrets = await readSecrets(files, settings.paths);
  const take = <Value>(flag: Value | undefined, variable: string, given: Value | undefined) =>
    flag ?? (env[variable] ? undefined : given);
  const port = take(flags.port, 'AGENTS_LLM_PORT', config.port);
  const bind = take(flags.bind, 'AGENTS_LLM_BIND', config.bind);
  const corsOrigin = flags.corsOrigin ?? config.corsOrigins;
  const username = config.uiUsername === secrets?.uiUsername ? undefined : config.uiUsername;
  const uiUsername = flags.uiUsername ?? username;
  const uiPassword = flags.uiPassword ?? (await newPassword(config.uiPassword, folder, secrets, context));
  return {
    ...flags,
    ...(port === undefined ? {} : { port }),
    ...(bind === undefined ? {} : { bind }),
    ...(config.image === undefined ? {} : { configImage: config.image }),
    ...(corsOrigin === undefined ? {} : { corsOrigin }),
    ...(uiUsername === undefined ? {} : { uiUsername }),
    ...(uiPassword === undefined ? {} : { uiPassword }),
  };
}

/** Undefined when the login is as the file wants it, so that an `up` with nothing to do stays quick. */
async function newPassword(
  given: string | undefined,
  folder: string,
  secrets: StackSecrets | undefined,
  { env, files }: Pick<Context, 'env' | 'files'>,
): Promise<PasswordSource | undefined> {
  if (given === undefined) return undefined;
  const source = parsePasswordSource(given);
  const now = secrets?.uiPassword.reveal();
  if (source.kind === 'env')
    return now !== undefined && [undefined, '', now].includes(env[source.name]) ? undefined : source;
  if (source.kind !== 'file') return now === undefined || now === 'admin' ? source : undefined;
  const name = resolve(folder, source.name);
  const text = await files.read(name, MOST_TEXT).catch(() => undefined);
  return text !== undefined && text.replace(/\r?\n$/, '') === now ? undefined : { kind: 'file', name };
}

/** What `apply` cannot change, since it takes an `up`. */
export async function settingWarnings(
  config: Config,
  { shown }: ConfigPlace,
  { client }: Admin,
  { context: { files }, settings: { paths } }: Invocation,
): Promise<readonly string[]> {
  const { startCommand } = client.target;
  const state = startCommand === null ? undefined : await readState(files, paths);
  if (!state) return [];
  // With TLS the address is that of the reverse proxy.
  const now = { port: state.port, bind: state.tls?.bind ?? state.bind };
  const differ = (['port', 'bind'] as const).filter((name) => config[name] !== undefined && config[name] !== now[name]);
  return [
    ...differ.map((name) => `${name} is ${config[name]} in ${shown} and ${now[name]} in the stack: ${startCommand}`),
    ...originWarning(config, shown, state, `${startCommand}`),
    ...imageWarning(config, shown, state, `${startCommand}`),
  ];
}

function originWarning({ corsOrigins }: Config, shown: string, state: StackState, startCommand: string): string[] {
  const list = (origins: readonly string[]) => origins.join(', ') || 'empty';
  const now = state.corsOrigins ?? [];
  if (corsOrigins === undefined || list(corsOrigins) === list(now)) return [];
  return [`cors_origins is ${list(corsOrigins)} in ${shown} and ${list(now)} in the stack: ${startCommand}`];
}

function imageWarning({ image }: Config, shown: string, state: StackState, startCommand: string): readonly string[] {
  if (image === undefined || image === state.image || state.runtime === 'native') return [];
  const fix = isOlderImage(image, state.image) ? 'the stack was upgraded: change the file' : startCommand;
  return [`image is ${image} in ${shown} and ${state.image} in the stack: ${fix}`];
}
