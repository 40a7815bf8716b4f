import { type Command, Option } from 'commander';
import { CliError } from '../errors.ts';
import type { Outcome } from '../report.ts';
import type { PullPolicy } from '../runtime/runtime.ts';
import { PROXY, proxyUrl, type ServiceState, type StackSpec } from '../service.ts';
import { commandLine } from '../settings.ts';
import { probeProxy } from '../stack/proxy-health.ts';
import { allSecrets, makeSecrets, type StackSecrets, setUiLogin, writeSecrets } from '../stack/secrets.ts';
import { type StackState, writeState } from '../stack/state.ts';
import { openProjectFolder } from '../stack/state-folder.ts';
import { parseBind, parseImage, parsePort, parseTimeout } from './flag-values.ts';
import { helpFooter } from './help-footer.ts';
import type { Invocation, Invoke } from './invocation.ts';
import { openStack, requireSameEngine, type Stack, withLock } from './open-stack.ts';
import { requireFreePort } from './port-conflict.ts';
import { startStack } from './start-stack.ts';
import { type PasswordSource, parsePasswordSource, readPassword } from './ui-password.ts';
import { dryOutcome, readyOutcome } from './up-outcome.ts';
import { planSpec, requireSafeLogin, runsAsPlanned, type SpecFlags } from './up-plan.ts';
import { renderUp, type UpData } from './up-summary.ts';

export interface UpFlags extends SpecFlags {
  readonly timeout: number;
  readonly pull: PullPolicy;
  readonly dryRun?: boolean;
  readonly uiUsername?: string;
  readonly uiPassword?: PasswordSource;
}

export function registerUp(command: Command, invoke: Invoke, run = runUp): void {
  command
    .option('--port <port>', 'port of the proxy; remembered (AGENTS_LLM_PORT, default 4000)', parsePort)
    .option('--bind <address>', 'address to publish it on; remembered (AGENTS_LLM_BIND, default 127.0.0.1)', parseBind)
    .option('--timeout <duration>', 'how long to wait until ready', parseTimeout, 300_000)
    .addOption(new Option('--pull <policy>', 'fetch images').choices(['missing', 'always', 'never']).default('missing'))
    .option('--image <reference>', 'another LiteLLM image; remembered', parseImage)
    .option('--db-image <reference>', 'another PostgreSQL 16 image; remembered', parseImage)
    .option('--ui-username <name>', "the UI's user name", (name) => name)
    .option('--ui-password <source>', "the UI's password: generate, stdin, env:NAME or file:PATH", parsePasswordSource)
    .option('--dry-run', 'show what would be done, and do nothing')
    .addHelpText('after', FOOTER)
    .action(() => invoke(command, (invocation) => run(command.opts<UpFlags>(), invocation), renderUp));
}

export async function runUp(flags: UpFlags, invocation: Invocation): Promise<Outcome<UpData>> {
  const { context, settings } = invocation;
  const began = context.clock.now();
  if (flags.dryRun) {
    const stack = await openStack(invocation);
    return dryOutcome(invocation, planSpec(settings.project, flags, context.env, stack.state), stack, flags.pull);
  }
  await openProjectFolder(context.files, settings.paths, context.uid);
  try {
    return await withLock(invocation, 'up', flags.timeout, () => bringUp(flags, invocation, began));
  } catch (error) {
    if (!(error instanceof CliError) || !context.signal.aborted) throw error;
    throw new CliError(error.code, error.message, {
      hint: `what was started is left as it is; to go on: ${commandLine(settings.project, 'up')}`,
    });
  }
}

async function bringUp(flags: UpFlags, invocation: Invocation, began: number): Promise<Outcome<UpData>> {
  const { context, settings, redaction } = invocation;
  const stack = await openStack(invocation);
  const spec = planSpec(settings.project, flags, context.env, stack.state);
  const services = await stack.runtime.services();
  const running = await probeAsPlanned(invocation, flags, spec, stack, services);
  if (running) return readyOutcome(invocation, spec, { ...running, change: 'unchanged', began });

  const engine = await stack.runtime.preflight();
  requireSameEngine(stack.state, engine, settings.project);
  await requireSecretsOfData(stack, settings.paths.secrets);
  const secrets = await applyLogin(flags, invocation, stack.secrets ?? makeSecrets(context.env, context.randomBytes));
  redaction.add(allSecrets(secrets));
  requireSafeLogin(spec, secrets);
  if (!holdsPort(services, spec)) await requireFreePort(invocation, stack.runtime, spec);
  await stack.runtime.prepare(spec, flags.pull, invocation.progress);
  await remember(invocation, stack, spec, secrets, engine);
  const deadline = context.clock.now() + flags.timeout;
  const health = await startStack(invocation, stack.runtime, { spec, secrets, recreate: [], deadline });
  return readyOutcome(invocation, spec, { secrets, health, change: 'started', began });
}

/** When all is well already, two looks tell: at the containers and at the proxy. */
async function probeAsPlanned(
  { context }: Invocation,
  flags: UpFlags,
  spec: StackSpec,
  { state, secrets, runtime }: Stack,
  services: readonly ServiceState[],
) {
  if (!state || !secrets || flags.pull === 'always' || flags.uiPassword || flags.uiUsername) return undefined;
  if (state.engine.endpoint !== (await runtime.endpoint()) || !runsAsPlanned(services, spec)) return undefined;
  const target = { url: proxyUrl(spec), masterKey: secrets.masterKey };
  const health = await probeProxy(context.http, target, context.signal, { atOnce: true });
  return health.state === 'ready' ? { health, secrets } : undefined;
}

/** New secrets beside old data would lock the data out: the password is in the volume, the salt in every provider key. */
async function requireSecretsOfData({ secrets, runtime }: Stack, file: string): Promise<void> {
  if (secrets || (await runtime.dataPlace()).volume === null) return;
  throw new CliError('secrets_missing', `the stack's volume exists and its secrets are gone: there is no ${file}`, {
    hint: `put that file back; new secrets could not read the data
or delete the data and begin anew: agents-llm down --volumes`,
    details: { file },
  });
}

/** Between two restarts the engine may still hold the port for the container. */
function holdsPort(services: readonly ServiceState[], spec: StackSpec): boolean {
  const proxy = services.find((service) => service.service === PROXY);
  const mayHold = proxy?.status === 'running' || proxy?.status === 'restarting' || proxy?.status === 'paused';
  return mayHold && proxy.published?.port === spec.port;
}

async function applyLogin(flags: UpFlags, { context }: Invocation, secrets: StackSecrets): Promise<StackSecrets> {
  return {
    ...secrets,
    ...(flags.uiUsername === undefined ? {} : { uiUsername: flags.uiUsername }),
    ...(flags.uiPassword === undefined ? {} : { uiPassword: await readPassword(flags.uiPassword, context) }),
  };
}

/** Written before anything starts, so that what is interrupted can be gone on with. */
async function remember(
  { context, settings }: Invocation,
  stack: Stack,
  spec: StackSpec,
  secrets: StackSecrets,
  engine: StackState['engine'],
): Promise<void> {
  const { files, clock, env, streams } = context;
  if (!stack.secrets) await writeSecrets(files, settings.paths, secrets);
  else await setUiLogin(files, settings.paths, { username: secrets.uiUsername, password: secrets.uiPassword });
  const createdAt = stack.state?.createdAt ?? new Date(clock.now()).toISOString();
  await writeState(files, settings.paths, { schemaVersion: 1, runtime: 'docker', ...spec, engine, createdAt });
  if (env.GITHUB_ACTIONS !== 'true') return;
  for (const secret of [secrets.masterKey, secrets.saltKey, secrets.databasePassword]) {
    streams.stderr.write(`::add-mask::${secret.reveal()}\n`);
  }
}

const FOOTER = helpFooter({
  examples: [
    'agents-llm up',
    'agents-llm -p two up --port 4001',
    'agents-llm up --bind 0.0.0.0 --ui-password generate',
  ],
  json: '{project, runtime, change: "started"|"unchanged"|"none", url, version, ui: {url, username, password}, keys, secretsFile, elapsedMs, nextSteps, plan}',
  exits: [2, 5, 6, 7, 9, 130, 143],
});
