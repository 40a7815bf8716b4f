import { isOlderImage } from '../../litellm/releases/litellm-version.ts';
import { parseBind, parsePort } from '../../model/address.ts';
import { CliError } from '../../model/errors.ts';
import { isSameImage } from '../../model/image-name.ts';
import type { LitellmFiles, LitellmSpec } from '../../model/litellm-files.ts';
import { DEFAULT_MEMORY, ENOUGH_MEMORY, formatMemory } from '../../model/memory-limit.ts';
import { PROXY, REVERSE_PROXY, type RuntimeKind, type ServiceState } from '../../model/service.ts';
import { DEFAULT_BIND, DEFAULT_PORT, imageOf, type StackSpec, servicesOf } from '../../model/stack-spec.ts';
import { allowedOrigins } from '../../model/web-origins.ts';
import type { StackSecrets } from '../../project/secrets.ts';
import type { StackState } from '../../project/state.ts';
import type { DatabaseFlags } from './external-database.ts';
import { loginWeakness } from './ui-login.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** LiteLLM's own configuration for a stack, and the files that go with it. */
export interface LitellmWish extends LitellmSpec {
  readonly files: LitellmFiles;
  /** The variables of the gateway that it takes values from. */
  readonly variables: readonly string[];
  readonly warnings: readonly string[];
  /** Its addresses on loopback. */
  readonly loopback: readonly string[];
  /** Whether it says how long the request log is kept. */
  readonly setsRetention: boolean;
}

export interface SpecFlags extends DatabaseFlags {
  readonly port?: number;
  readonly bind?: string;
  readonly image?: string;
  /** From `agents-llm.yaml`. Docker alone uses it: the native runtime installs packages (`litellm==1.108.11`). */
  readonly configImage?: string;
  readonly dbImage?: string;
  /** Other origins than the gateway's own whose web pages may read its answers. */
  readonly corsOrigin?: readonly string[];
  /** Whether our entry point starts LiteLLM. */
  readonly fastStart?: boolean;
  /** The memory limit of the gateway in bytes; null: the default. */
  readonly memory?: number | null;
  /** The same from `agents-llm.yaml`, for Docker only. */
  readonly configMemory?: number | undefined;
  /** LiteLLM's own configuration; null removes it. */
  readonly litellm?: LitellmWish | null;
}

/** What the stack is to be: the flag, then the AGENTS_LLM_* variable, then what it was, then the default. */
export function planSpec(
  project: string,
  { flags, env }: { readonly flags: SpecFlags; readonly env: Env },
  state: StackState | undefined,
  defaults: Pick<StackSpec, 'image' | 'databaseImage'>,
): StackSpec {
  const corsOrigins = flags.corsOrigin ?? state?.corsOrigins ?? [];
  const fastStart =
    flags.fastStart ?? fromVariable(env, 'AGENTS_LLM_FAST_START', parseSwitch) ?? state?.fastStart ?? true;
  return {
    project,
    port: flags.port ?? fromVariable(env, 'AGENTS_LLM_PORT', parsePort) ?? state?.port ?? DEFAULT_PORT,
    bind: flags.bind ?? fromVariable(env, 'AGENTS_LLM_BIND', parseBind) ?? state?.bind ?? DEFAULT_BIND,
    image: flags.image ?? imageOfConfig(flags.configImage, state, defaults) ?? state?.image ?? defaults.image,
    databaseImage: flags.dbImage ?? state?.databaseImage ?? defaults.databaseImage,
    ...(state?.tls ? { tls: state.tls } : {}),
    ...(corsOrigins.length > 0 ? { corsOrigins } : {}),
    ...(fastStart ? {} : { fastStart }),
    ...memoryOf(flags, state, defaults),
    ...litellmOf(flags.litellm, state),
    ...(state?.externalDatabase || flags.databaseUrlFromEnv !== undefined ? { externalDatabase: true } : {}),
  };
}

/** The native runtime has none: its users may have no right to set one. */
function memoryOf(
  flags: SpecFlags,
  state: Pick<StackState, 'memory'> | undefined,
  defaults: Pick<StackSpec, 'image'>,
): Pick<StackSpec, 'memory'> {
  if (isPackage(defaults.image)) return {};
  const bytes = flags.memory === undefined ? (flags.configMemory ?? state?.memory) : (flags.memory ?? DEFAULT_MEMORY);
  return bytes === undefined || bytes === DEFAULT_MEMORY ? {} : { memory: bytes };
}

const isPackage = (image: string) => image.includes('==');

function litellmOf(wish: LitellmWish | null | undefined, state: Pick<StackState, 'litellm'> | undefined) {
  if (wish === null) return {};
  const { hash, source, origin } = wish ?? state?.litellm ?? {};
  return hash === undefined || source === undefined || origin === undefined
    ? {}
    : { litellm: { hash, source, origin } };
}

/** What the stack is, whatever flags and variables say now. */
export function knownSpec(
  project: string,
  state: StackState | undefined,
  defaults: Pick<StackSpec, 'image' | 'databaseImage'>,
): StackSpec {
  return planSpec(project, { flags: {}, env: {} }, state, defaults);
}

/** Under Docker only, and never an older one: the file may not know of an upgrade. */
function imageOfConfig(
  image: string | undefined,
  state: Pick<StackState, 'image'> | undefined,
  defaults: Pick<StackSpec, 'image'>,
): string | undefined {
  if (image === undefined || isPackage(defaults.image)) return undefined;
  return state && isOlderImage(image, state.image) ? undefined : image;
}

function parseSwitch(text: string): boolean {
  if (text !== '0' && text !== '1') throw new Error(`"${text}" must be 0 or 1`);
  return text === '1';
}

export function fromVariable<Value>(env: Env, name: string, parse: (text: string) => Value): Value | undefined {
  const text = env[name];
  if (!text) return undefined;
  try {
    return parse(text);
  } catch (error) {
    throw new CliError('usage', `${name}: ${error instanceof Error ? error.message : 'invalid value'}`, {
      hint: `Correct the value\nOr remove it: unset ${name}`,
    });
  }
}

/** Whether the services run as the spec wants them, so that nothing need be started. */
export function runsAsPlanned(services: readonly ServiceState[], spec: StackSpec, revision?: string): boolean {
  const [proxy, tls] = [PROXY, REVERSE_PROXY].map((name) => services.find(({ service }) => service === name));
  return (
    services.length === servicesOf(spec).length &&
    services.every(
      ({ status, error, image, service, outdated }) =>
        status === 'running' && !error && !outdated && isSameImage(image, imageOf(spec, service)),
    ) &&
    tls?.revision === spec.tls?.revision &&
    proxy !== undefined &&
    proxy.revision === revision &&
    proxy.corsOrigins === allowedOrigins(spec) &&
    proxy.published?.port === spec.port &&
    proxy.published.bind === spec.bind
  );
}

/** Beyond loopback the UI, which can read and change everything, must not accept a password that is in a manual. */
export function requireSafeLogin(spec: StackSpec, secrets: StackSecrets): void {
  const bind = spec.tls?.bind ?? spec.bind;
  if (bind.startsWith('127.')) return;
  if (loginWeakness(secrets) !== 'well-known') return;
  throw new CliError('bind_needs_password', `${bind} opens the UI to the network, but its password is well known`, {
    hint: 'Choose another password: --ui-password generate, env:NAME, file:PATH or stdin',
    details: { bind },
  });
}

/** Refuses a limit that cannot be set, and warns of one that is too small. */
export function requireUsableMemory(
  { memory, configMemory }: Pick<SpecFlags, 'memory' | 'configMemory'>,
  spec: Pick<StackSpec, 'memory'>,
  runtime: RuntimeKind,
): readonly string[] {
  if (runtime === 'native') {
    if (memory) throw memoryUnsupported();
    return configMemory === undefined ? [] : ['memory in agents-llm.yaml has no effect on the native runtime'];
  }
  if (spec.memory === undefined || spec.memory >= ENOUGH_MEMORY) return [];
  return [
    `The memory limit of ${formatMemory(spec.memory)} is low, because LiteLLM needs about ${formatMemory(ENOUGH_MEMORY)}. If it is killed for it, raise the limit: agents-llm up --memory ${formatMemory(DEFAULT_MEMORY)}`,
  ];
}

function memoryUnsupported(): CliError {
  return new CliError('native_unsupported', 'The native runtime cannot limit the memory of the gateway', {
    hint: 'Leave out --memory\nOr create another stack under Docker: agents-llm -p NAME up --runtime docker --memory 2g',
  });
}
