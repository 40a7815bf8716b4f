import { type Command, Option } from 'commander';
import { CliError } from '../errors.ts';
import type { Outcome } from '../report.ts';
import type { PullPolicy } from '../runtime/runtime.ts';
import { commandLine } from '../settings.ts';
import { openProjectFolder } from '../stack/state-folder.ts';
import { bringUp } from './bring-up.ts';
import { chooseRuntime, RUNTIME_CHOICES, type RuntimeFlags } from './choose-runtime.ts';
import { requireDatabaseKind } from './external-database.ts';
import { parseBind, parseCorsOrigin, parseImage, parsePort, timeoutOption } from './flag-values.ts';
import { helpFooter } from './help-footer.ts';
import type { Invocation, Invoke } from './invocation.ts';
import { openStack } from './open-stack.ts';
import { planTls } from './plan-tls.ts';
import { addTlsFlags, type TlsFlags } from './tls-flags.ts';
import { requireTrustedImage } from './trusted-image.ts';
import { type PasswordSource, parsePasswordSource } from './ui-password.ts';
import { upWithConfig } from './up-config.ts';
import { dryOutcome } from './up-outcome.ts';
import { planSpec, type SpecFlags } from './up-plan.ts';
import { renderUp, type UpData } from './up-summary.ts';
import { withLock } from './with-lock.ts';
import { collectVariable, type VariableFlags } from './write-variables.ts';

export interface UpFlags extends SpecFlags, RuntimeFlags, TlsFlags, VariableFlags {
  readonly timeout: number;
  readonly pull: PullPolicy;
  readonly dryRun?: boolean;
  readonly adopt?: boolean;
  /** False: whatever `agents-llm.yaml` says. */
  readonly apply?: boolean;
  /** Allows `agents-llm.yaml` as it is. */
  readonly trust?: boolean;
  readonly uiUsername?: string;
  readonly uiPassword?: PasswordSource;
}

export function registerUp(command: Command, invoke: Invoke, run = runUp): void {
  command
    .option('--port <port>', 'port of the proxy; remembered (AGENTS_LLM_PORT, default 4000)', parsePort)
    .option('--bind <address>', 'address to publish it on; remembered (AGENTS_LLM_BIND, default 127.0.0.1)', parseBind)
    .addOption(new Option('--runtime <runtime>', 'docker, native (without Docker), or auto').choices(RUNTIME_CHOICES))
    .option('--python <path>', 'which Python the native runtime is installed with')
    .addOption(timeoutOption())
    .addOption(new Option('--pull <policy>', 'fetch images').choices(['missing', 'always', 'never']).default('missing'))
    .option('--image <reference>', 'another LiteLLM image; remembered', parseImage)
    .option('--db-image <reference>', 'another PostgreSQL 16 image; remembered', parseImage)
    .option('--database-url-from-env <variable>', 'a PostgreSQL of your own, by the variable with its URL; remembered')
    .option('--ui-username <name>', "the UI's user name", (name) => name)
    .option('--ui-password <source>', "the UI's password: generate, stdin, env:NAME or file:PATH", parsePasswordSource)
    .option(
      '--cors-origin <origin>',
      'another origin whose web pages may call the gateway (repeatable; off forgets them); remembered',
      parseCorsOrigin,
    )
    .option('--adopt', 'take the data that is in the volume as it is, whosever it was')
    .option('--no-apply', 'leave agents-llm.yaml aside')
    .option('--trust', 'allow agents-llm.yaml as it is, without a question (AGENTS_LLM_TRUST=1)')
    .option('--write-variable <name>', 'let write_env set this variable too; may be repeated', collectVariable)
    .option('--dry-run', 'show what would be done, and do nothing');
  addTlsFlags(command)
    .addHelpText('after', FOOTER)
    .action(() => invoke(command, (invocation) => run(command.opts<UpFlags>(), invocation), renderUp));
}

export function runUp(flags: UpFlags, invocation: Invocation): Promise<Outcome<UpData>> {
  return upWithConfig(flags, invocation, (given) => startUp(given, invocation));
}

async function startUp(flags: UpFlags, invocation: Invocation): Promise<Outcome<UpData>> {
  const { context, settings } = invocation;
  const began = context.clock.now();
  if (flags.dryRun) {
    const stack = await openStack(invocation, (given, state) => chooseRuntime(flags, given, state));
    requireDatabaseKind(flags, stack.runtime, stack.state, settings.project);
    const plain = planSpec(settings.project, flags, context.env, stack.state, stack.runtime.defaults);
    const { spec } = await planTls(flags, invocation, stack.runtime, plain);
    const warnings = requireTrustedImage(spec.image, { installed: false });
    return { ...dryOutcome(invocation, spec, stack, flags.pull), warnings };
  }
  await openProjectFolder(context.files, settings.paths, context.uid);
  try {
    return await withLock(invocation, 'up', flags.timeout, () => bringUp(flags, invocation, began));
  } catch (error) {
    if (!(error instanceof CliError) || !context.signal.aborted) throw error;
    throw new CliError(error.code, error.lines, {
      hint: `what was started is left as it is; to go on: ${commandLine(settings.project, 'up')}`,
    });
  }
}

const FOOTER = helpFooter({
  examples: [
    'agents-llm up',
    'agents-llm -p two up --port 4001',
    'agents-llm up --bind 0.0.0.0 --ui-password generate',
    'agents-llm up --database-url-from-env DATABASE_URL',
    'agents-llm up --tls nginx --host llm.lan --self-signed --ui-password generate',
  ],
  json: '{project, runtime, change: "started"|"unchanged"|"none", url, localUrl, tls: {proxy, host, certificate, selfSigned, expires}|null, version, ui: {url, username, password}, keys, secretsFile, elapsedMs, nextSteps, applied: {file, plan}|null, plan}',
  exits: [3, 4, 5, 6, 7, 8, 9, 10],
});
