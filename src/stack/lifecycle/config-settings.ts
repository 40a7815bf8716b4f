import { resolve } from 'node:path';
import type { Context } from '../../context/context.ts';
import type { Workplace } from '../../context/invocation.ts';
import { MOST_TEXT } from '../../io/files/regular-file.ts';
import type { Admin } from '../../litellm/admin/admin.ts';
import type { Config } from '../../litellm/config/config.ts';
import type { ConfigPlace } from '../../litellm/config/find-config.ts';
import { isOlderImage } from '../../litellm/releases/litellm-version.ts';
import { readSecrets, type StackSecrets } from '../../project/secrets.ts';
import { readState, type StackState } from '../../project/state.ts';
import { environmentDifference, environmentOfConfig } from '../environment/config-environment.ts';
import { wishOfConfig } from './litellm-wish.ts';
import { type PasswordSource, parsePasswordSource } from './ui-password.ts';
import type { UpFlags } from './up-options.ts';

/** The flags of `up`, completed by the file: first the flag, then the variable, the file, and what the stack was. */
export async function flagsWithConfig(
  flags: UpFlags,
  config: Config,
  place: ConfigPlace,
  { context, settings }: Workplace,
): Promise<UpFlags> {
  const { env, files } = context;
  const [secrets, state] = await Promise.all([readSecrets(files, settings.paths), readState(files, settings.paths)]);
  const take = <Value>(flag: Value | undefined, variable: string, given: Value | undefined) =>
    flag ?? (env[variable] ? undefined : given);
  const port = take(flags.port, 'AGENTS_LLM_PORT', config.port);
  const bind = take(flags.bind, 'AGENTS_LLM_BIND', config.bind);
  const corsOrigin = flags.corsOrigin ?? config.corsOrigins;
  const username = config.uiUsername === secrets?.uiUsername ? undefined : config.uiUsername;
  const uiUsername = flags.uiUsername ?? username;
  const uiPassword = flags.uiPassword ?? (await newPassword(config.uiPassword, place.folder, secrets, context));
  const litellm = flags.litellmConfig === undefined ? wishOfConfig(config, place, state) : undefined;
  return {
    ...flags,
    ...(litellm === undefined ? {} : { litellm }),
    ...(port === undefined ? {} : { port }),
    ...(bind === undefined ? {} : { bind }),
    ...(config.image === undefined ? {} : { configImage: config.image }),
    ...(config.memory === undefined ? {} : { configMemory: config.memory }),
    ...(corsOrigin === undefined ? {} : { corsOrigin }),
    ...(uiUsername === undefined ? {} : { uiUsername }),
    ...(uiPassword === undefined ? {} : { uiPassword }),
    configEnvironment: environmentOfConfig(config, place, context.home),
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
  const current = secrets?.uiPassword.reveal();
  if (source.kind === 'env')
    return current !== undefined && [undefined, '', current].includes(env[source.name]) ? undefined : source;
  if (source.kind !== 'file') return current === undefined || current === 'admin' ? source : undefined;
  const name = resolve(folder, source.name);
  const text = await files.read(name, MOST_TEXT).catch(() => undefined);
  return text !== undefined && text.replace(/\r?\n$/, '') === current ? undefined : { kind: 'file', name };
}

/** Warns of settings that only `up` can change. */
export async function settingWarnings(
  config: Config,
  place: ConfigPlace,
  { client }: Pick<Admin, 'client'>,
  { context: { files, home }, settings: { paths } }: Workplace,
): Promise<readonly string[]> {
  const { startCommand, url } = client.target;
  const { shown } = place;
  const lines = config.litellm?.warnings ?? [];
  if (startCommand === null) {
    const remote = `litellm in ${shown} has no effect on ${url}: that LiteLLM is started with its own configuration`;
    return [...(config.litellm ? [...lines, remote] : []), ...remoteVariables(config, shown, url)];
  }
  const state = await readState(files, paths);
  if (!state) return lines;
  // With TLS the address is that of the reverse proxy.
  const current = { port: state.port, bind: state.tls?.bind ?? state.bind };
  const addresses = (['port', 'bind'] as const).flatMap((name): Difference[] => {
    const wanted = config[name];
    return wanted === undefined || wanted === current[name] ? [] : [{ name, wanted, current: current[name] }];
  });
  const run = `Run ${startCommand}`;
  return [
    ...lines,
    ...litellmDifference(config, place, state, run),
    ...addresses.map((difference) => differenceWarning(difference, shown, run)),
    ...(await environmentDifference(config, place, { files, paths, home }, run)),
    ...originDifference(config, state).map((difference) => differenceWarning(difference, shown, run)),
    ...imageDifference(config, state).map((difference) => {
      const isUpgraded = isOlderImage(difference.wanted, difference.current);
      const fix = isUpgraded ? 'The stack was upgraded, so change the file' : run;
      return differenceWarning(difference, shown, fix);
    }),
  ];
}

function litellmDifference(config: Config, place: ConfigPlace, state: StackState, run: string): readonly string[] {
  const wish = wishOfConfig(config, place, state);
  if (wish === undefined || wish?.hash === state.litellm?.hash) return [];
  return [`litellm in ${place.shown} differs from what the gateway was started with. ${run}`];
}

/** Only the machine that runs a gateway can give it variables. */
function remoteVariables({ environment, awsProfile }: Config, shown: string, url: string): readonly string[] {
  const field = environment?.length ? 'env' : awsProfile === undefined ? undefined : 'aws';
  if (field === undefined) return [];
  return [`${field} in ${shown} has no effect on ${url}, because that gateway is not started by agents-llm`];
}

interface Difference<Value = string | number> {
  readonly name: string;
  readonly wanted: Value;
  readonly current: Value;
}

function differenceWarning({ name, wanted, current }: Difference, file: string, fix: string): string {
  return `${name} is ${wanted} in ${file} but ${current} in the stack. ${fix}`;
}

function originDifference({ corsOrigins }: Config, state: StackState): Difference<string>[] {
  const list = (origins: readonly string[]) => origins.join(', ') || 'empty';
  const current = list(state.corsOrigins ?? []);
  if (corsOrigins === undefined || list(corsOrigins) === current) return [];
  return [{ name: 'cors_origins', wanted: list(corsOrigins), current }];
}

function imageDifference({ image }: Config, state: StackState): Difference<string>[] {
  if (image === undefined || image === state.image || state.runtime === 'native') return [];
  return [{ name: 'image', wanted: image, current: state.image }];
}
