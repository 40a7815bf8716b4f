import { resolve } from 'node:path';
import type { Workplace } from '../../context/invocation.ts';
import type { Config } from '../../litellm/config/config.ts';
import { type ConfigPlace, placeOf } from '../../litellm/config/find-config.ts';
import type { LitellmConfig } from '../../litellm/gateway-config/litellm-config.ts';
import { logRetentionOf } from '../../litellm/gateway-config/log-retention-of.ts';
import { loopbackAddresses } from '../../litellm/gateway-config/loopback-addresses.ts';
import { effectiveVariables } from '../../model/gateway-environment.ts';
import type { LitellmSpec } from '../../model/litellm-files.ts';
import type { RuntimeKind } from '../../model/service.ts';
import { DOCKER_NAME } from '../../model/this-machine.ts';
import { guardWrite } from '../../project/project-folder.ts';
import { readState, type StackState } from '../../project/state.ts';
import { listed } from '../../text/shown-text.ts';
import type { PlannedEnvironment } from '../environment/plan-environment.ts';
import type { LitellmWish } from '../open/plan-spec.ts';
import type { UpFlags } from './up-options.ts';

/** The value of `--litellm-config` that removes it. */
const OFF = 'off';

/** LiteLLM's own configuration from agents-llm.yaml; null if the file no longer has one. */
export function wishOfConfig(
  { litellm }: Pick<Config, 'litellm'>,
  { path }: Pick<ConfigPlace, 'path'>,
  state: Pick<StackState, 'litellm'> | undefined,
): LitellmWish | null | undefined {
  if (litellm) return wishOf(litellm, { source: path, origin: 'yaml' });
  const before = state?.litellm;
  return before?.origin === 'yaml' && before.source === path ? null : undefined;
}

/** The flags with the file of `--litellm-config`, given now or before. */
export async function withLitellmConfig(flags: UpFlags, { context, settings }: Workplace): Promise<UpFlags> {
  const { litellmConfig: file } = flags;
  if (file === OFF) return { ...flags, litellm: null };
  if (file !== undefined) return { ...flags, litellm: await wishOfFile(context, file) };
  if (flags.litellm !== undefined) return flags;
  const before = (await readState(context.files, settings.paths))?.litellm;
  const isThere = before?.origin === 'flag' && (await context.files.owner(before.source)) !== undefined;
  return isThere ? { ...flags, litellm: await wishOfFile(context, before.source) } : flags;
}

async function wishOfFile(context: Workplace['context'], file: string): Promise<LitellmWish> {
  // Only here, because the YAML parser takes long to load.
  const { loadLitellmFile } = await import('../../litellm/gateway-config/load-litellm-config.ts');
  const source = resolve(context.cwd, file);
  const config = await loadLitellmFile(context, source, placeOf(context, file).shown);
  return wishOf(config, { source, origin: 'flag' });
}

const wishOf = (
  { hash, files, variables, warnings, value = {} }: LitellmConfig,
  from: Pick<LitellmSpec, 'source' | 'origin'>,
): LitellmWish => ({
  ...{ ...from, hash, files, variables, warnings },
  loopback: loopbackAddresses(value),
  setsRetention: logRetentionOf(value) !== undefined,
});

/** Writes nothing if the configuration has not changed. */
export async function writeLitellmFiles(
  { context: { files }, settings: { paths } }: Workplace,
  wish: LitellmWish | null | undefined,
): Promise<void> {
  if (wish === null) await files.remove(paths.litellmFiles);
  if (!wish) return;
  const text = `${JSON.stringify(wish.files)}\n`;
  if ((await files.read(paths.litellmFiles).catch(() => undefined)) === text) return;
  await guardWrite(paths.litellmFiles, () => files.write(paths.litellmFiles, text, 0o600));
}

/** Variables of the user's environment that the native runtime passes on. */
const PASSED_ON = /^(https?_proxy|no_proxy|ssl_cert_(file|dir)|requests_ca_bundle|tmpdir|home|path|lang)$/i;

/** Warnings about what the gateway would not read, does not have or cannot reach. */
export function gatewayWarnings(
  { litellm }: Pick<UpFlags, 'litellm'>,
  env: Workplace['context']['env'],
  runtime: RuntimeKind,
  { variables }: Pick<PlannedEnvironment, 'variables'>,
): readonly string[] {
  // For a YAML file, `apply` reports them.
  const unread = litellm?.origin === 'flag' ? litellm.warnings : [];
  const given = new Set(variables.map(({ name }) => name));
  const isGiven = (name: string) =>
    given.has(name) || (runtime === 'native' && PASSED_ON.test(name) && Boolean(env[name]));
  const missing = (litellm?.variables ?? []).filter((name) => !isGiven(name));
  const lack = `LiteLLM's own configuration takes ${missing.join(', ')} from the gateway's environment, which does not have ${missing.length === 1 ? 'it' : 'them'}`;
  const unreachable = runtime === 'docker' ? loopbackWarnings(litellm?.loopback ?? [], variables) : [];
  return [...unread, ...(missing.length > 0 ? [lack] : []), ...unreachable];
}

function loopbackWarnings(addresses: readonly string[], variables: PlannedEnvironment['variables']): readonly string[] {
  const named = effectiveVariables(variables).filter(
    ({ name, value, network, file }) =>
      !network && file === undefined && loopbackAddresses(value.reveal(), name).length > 0,
  );
  const lead = (what: string, names: readonly string[]) =>
    names.length === 0
      ? []
      : [
          `${what} ${listed(names)}, but localhost is LiteLLM's own container under Docker. Use ${DOCKER_NAME} as the host instead`,
        ];
  return [
    ...lead("LiteLLM's own configuration names", addresses),
    ...lead(
      'The gateway gets an address on localhost in',
      named.map(({ name }) => name),
    ),
  ];
}
