import { join, resolve } from 'node:path';
import type { Context } from '../../context/context.ts';
import type { Operation, Task } from '../../context/invocation.ts';
import { CliError, EXIT } from '../../model/errors.ts';
import { RUNTIMES, type RuntimeKind } from '../../model/service.ts';
import { commandLine } from '../../model/settings.ts';
import { DEFAULT_BIND, DEFAULT_PORT } from '../../model/stack-spec.ts';
import { composeFile, nativeFolders, templatesFolder } from '../../package-files.ts';
import { readState, type StackState } from '../../project/state.ts';
import { withLockFile } from '../../project/with-lock.ts';
import { dockerRuntime } from '../../runtime/docker/docker-runtime.ts';
import { isOpenToAll } from '../../runtime/native/folders/open-to-all.ts';
import { DOWNLOAD } from '../../runtime/native/install/locked-release.ts';
import { nativeRuntime } from '../../runtime/native/native-runtime.ts';
import type { NativeRuntimeOptions } from '../../runtime/native/native-stack.ts';
import type { Runtime } from '../../runtime/runtime.ts';

export const RUNTIME_CHOICES = ['auto', ...RUNTIMES] as const;
export type RuntimeChoice = (typeof RUNTIME_CHOICES)[number];

/** The flags of `up` for the runtime. */
export interface RuntimeFlags {
  readonly runtime?: RuntimeChoice;
  /** Which Python the native runtime is installed with. */
  readonly python?: string;
}

/** A runtime by its name. `endpoint` names a Docker engine in the place of the environment's. */
export function runtimeOf(
  invocation: Task,
  kind: RuntimeKind,
  { endpoint, python }: { readonly endpoint?: string; readonly python?: string | undefined } = {},
): Runtime {
  if (kind === 'native') return nativeRuntime(nativeOptions(invocation, python));
  const { context, settings } = invocation;
  const env =
    endpoint === undefined ? context.env : { ...context.env, DOCKER_HOST: endpoint, DOCKER_CONTEXT: undefined };
  return dockerRuntime({
    machine: { ...context, env },
    signal: context.signal,
    project: settings.project,
    paths: settings.paths,
    composeFile: composeFile(),
    templates: templatesFolder(),
  });
}

export function nativeOptions(invocation: Task, python: string | undefined): NativeRuntimeOptions {
  const { context, settings } = invocation;
  return {
    machine: context,
    signal: context.signal,
    paths: settings.paths,
    programs: nativeFolders().programs,
    locks: lockFolders(context),
    python: python ?? (context.env.AGENTS_LLM_PYTHON || undefined),
    // Root's services are run by other users.
    ...(context.uid === 0 && { isUsable: (path: string) => isOpenToAll(path, context.files) }),
    exclusive: (path, action) => withLockFile(invocation, path, 'native install', action),
  };
}

/** Folders with lock files of the native runtime: the first one that has a version's file counts. */
export function lockFolders({ env, cwd }: Pick<Context, 'env' | 'cwd'>): readonly string[] {
  const more = env.AGENTS_LLM_NATIVE_LOCKS;
  return [...(more ? [resolve(cwd, more)] : []), nativeFolders().locks];
}

/** The runtime of the stack, else what the environment says. Where no engine answers, no stack can be on one. */
export async function knownRuntime(invocation: Task, state: Pick<StackState, 'runtime'> | undefined): Promise<Runtime> {
  const wanted = wantedRuntime({}, invocation);
  if (state) return runtimeOf(invocation, state.runtime);
  if (wanted !== 'auto') return runtimeOf(invocation, wanted);
  const { context, settings } = invocation;
  // A stack that has lost its state may be on an engine that is only down.
  if ((await context.files.owner(settings.paths.secrets)) !== undefined) return runtimeByFolder(invocation);
  const docker = runtimeOf(invocation, 'docker');
  try {
    await docker.services();
    return docker;
  } catch (error) {
    if (isEngineMissing(error, invocation)) return runtimeOf(invocation, 'native');
    throw error;
  }
}

/** False if the user named an engine, which is then meant even if it does not answer. */
function isEngineMissing(error: unknown, { context: { env } }: Pick<Operation, 'context'>): error is CliError {
  const isNamed = env.DOCKER_HOST || env.DOCKER_CONTEXT;
  return error instanceof CliError && error.exitCode === EXIT.prerequisite && !isNamed;
}

/** Like `knownRuntime`, but falls back to the files in the project's folder if the state cannot be read. */
export async function rememberedRuntime(invocation: Task): Promise<Runtime> {
  try {
    return await knownRuntime(invocation, await readState(invocation.context.files, invocation.settings.paths));
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'state_invalid') throw error;
    return runtimeByFolder(invocation);
  }
}

/** The native runtime keeps its records in the project's folder. */
async function runtimeByFolder(invocation: Task): Promise<Runtime> {
  const { context, settings } = invocation;
  const isNative = (await context.files.owner(join(settings.paths.folder, 'native'))) !== undefined;
  return runtimeOf(invocation, isNative ? 'native' : 'docker');
}

/** For `up`: a stack keeps its runtime; a new one gets the one that is wanted, or Docker when an engine answers. */
export async function chooseRuntime(
  flags: RuntimeFlags,
  invocation: Task,
  state: Pick<StackState, 'runtime' | 'port' | 'bind'> | undefined,
): Promise<Runtime> {
  const wanted = wantedRuntime(flags, invocation);
  if (state) {
    if (wanted !== 'auto' && wanted !== state.runtime) throw runtimeChanged(state, wanted);
    return runtimeOf(invocation, state.runtime, flags);
  }
  return wanted === 'auto' ? detect(flags, invocation) : runtimeOf(invocation, wanted, flags);
}

async function detect(flags: RuntimeFlags, invocation: Task): Promise<Runtime> {
  const docker = runtimeOf(invocation, 'docker');
  try {
    await docker.preflight();
    return docker;
  } catch (error) {
    if (!isEngineMissing(error, invocation)) throw error;
    const native = runtimeOf(invocation, 'native', flags);
    const missing = await native.preflight().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (missing instanceof CliError) throw neither(error, missing);
    if (missing) throw missing;
    invocation.progress.note(
      `Docker is not available (${error.message}), so the stack runs natively: LiteLLM and PostgreSQL from PyPI (${DOWNLOAD}). To use Docker instead: ${commandLine(invocation.settings.project, 'up --runtime docker')}`,
    );
    return native;
  }
}

function wantedRuntime({ runtime }: RuntimeFlags, { context }: Pick<Operation, 'context'>): RuntimeChoice {
  const variable = context.env.AGENTS_LLM_RUNTIME;
  const named = runtime ?? (variable || 'auto');
  const found = RUNTIME_CHOICES.find((choice) => choice === named);
  if (found) return found;
  throw new CliError('usage', `AGENTS_LLM_RUNTIME: "${named}" is not a runtime`, {
    hint: `Use one of: ${RUNTIME_CHOICES.join(', ')}`,
  });
}

function runtimeChanged(
  { runtime, port, bind }: Pick<StackState, 'runtime' | 'port' | 'bind'>,
  to: RuntimeKind,
): CliError {
  const variables = [
    `AGENTS_LLM_RUNTIME=${to}`,
    ...(port === DEFAULT_PORT ? [] : [`AGENTS_LLM_PORT=${port}`]),
    ...(bind === DEFAULT_BIND ? [] : [`AGENTS_LLM_BIND=${bind}`]),
  ];
  return new CliError(
    'runtime_changed',
    `This stack uses the ${nameOf(runtime)} runtime, which cannot be changed in place`,
    {
      hint: `Move the stack to the ${nameOf(to)} runtime, with its data and secrets:
agents-llm down --volumes --force
${variables.join(' ')} agents-llm restore latest`,
      details: { runtime, wanted: to },
    },
  );
}

const nameOf = (kind: RuntimeKind) => (kind === 'docker' ? 'Docker' : kind);

function neither(docker: CliError, native: CliError): CliError {
  return new CliError(docker.code, docker.message, {
    hint: `${docker.hint ?? ''}\n${withoutDocker(native)}`.trim(),
    details: { ...docker.details, native: native.code },
    cause: docker,
  });
}

function withoutDocker({ code, message, hint }: CliError): string {
  if (code !== 'native_unsupported') return `Or run the stack without Docker (${message}). ${hint ?? ''}`;
  // The first line of its hint is to use Docker.
  const elsewhere = hint?.split('\n').slice(1) ?? [];
  return elsewhere.length > 0 ? elsewhere.join('\n') : message;
}
