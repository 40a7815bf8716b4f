import { type Command, Option } from 'commander';
import { ADVANCED, addNotes, type CommandNotes } from '../cli/command-help.ts';
import { addEnvironmentFlags } from '../cli/environment-flags.ts';
import {
  argument,
  bindArgument,
  parseCorsOrigin,
  parseImage,
  parseMemoryFlag,
  portArgument,
  timeoutOption,
} from '../cli/flag-values.ts';
import type { Invoke } from '../cli/invoke.ts';
import { addTlsFlags } from '../cli/tls-flags.ts';
import type { Invocation } from '../context/invocation.ts';
import { collectVariable } from '../litellm/trust/write-variables.ts';
import type { Outcome } from '../model/report.ts';
import { parsePasswordSource } from '../stack/lifecycle/ui-password.ts';
import { upWithConfig } from '../stack/lifecycle/up-config.ts';
import type { UpFlags } from '../stack/lifecycle/up-options.ts';
import type { UpData } from '../stack/lifecycle/up-outcome.ts';
import { startUp } from '../stack/lifecycle/up-stack.ts';
import { renderUp } from '../stack/lifecycle/up-summary.ts';
import { RUNTIME_CHOICES } from '../stack/open/choose-runtime.ts';

export function registerUp(command: Command, invoke: Invoke, run = runUp): void {
  addNotes(command, NOTES);
  command
    .option('--port <port>', 'port of the gateway (default 4000, AGENTS_LLM_PORT)', portArgument)
    .option('--bind <address>', 'published address (default 127.0.0.1, AGENTS_LLM_BIND)', bindArgument)
    .addOption(new Option('--runtime <runtime>', 'docker, native, or auto (default)').choices(RUNTIME_CHOICES))
    .option('--image <reference>', 'another LiteLLM image', parseImage)
    .option('--no-apply', 'do not apply agents-llm.yaml')
    .option('--trust', 'do not ask about agents-llm.yaml (AGENTS_LLM_TRUST=1)')
    .option('--dry-run', 'show what would be done, but change nothing')
    .addOption(timeoutOption());
  addAdvancedFlags(command.optionsGroup(ADVANCED));
  addEnvironmentFlags(command);
  addTlsFlags(command).action(() =>
    invoke(command, (invocation) => run(command.opts<UpFlags>(), invocation), renderUp),
  );
}

/** `--no-fast-start` must follow `--fast-start`, because in the other order commander sets a default. */
function addAdvancedFlags(command: Command): Command {
  return command
    .option('--python <path>', 'the Python that installs the native runtime')
    .addOption(
      new Option('--pull <policy>', 'when to download images')
        .choices(['missing', 'always', 'never'])
        .default('missing'),
    )
    .option('--db-image <reference>', 'another PostgreSQL 16 image', parseImage)
    .option('--database-url-from-env <variable>', 'use an external PostgreSQL database: the variable with its URL')
    .option('--litellm-config <path>', "LiteLLM's own configuration, its config.yaml; off removes it", (path) => path)
    .option('--memory <size>', 'memory limit of the gateway, for Docker (default 4g; off sets it)', parseMemoryFlag)
    .option('--ui-username <name>', 'user name of the UI', (name) => name)
    .option(
      '--ui-password <source>',
      'password of the UI: generate, stdin, env:NAME or file:PATH',
      argument(parsePasswordSource),
    )
    .option(
      '--cors-origin <origin>',
      'origin whose web pages may call the gateway; off removes all (repeatable)',
      parseCorsOrigin,
    )
    .option('--fast-start', 'start LiteLLM in half the time (default)')
    .option('--no-fast-start', 'start LiteLLM by its own entry point (AGENTS_LLM_FAST_START=0)')
    .option('--adopt', 'use the existing data even if it was created by another stack')
    .option('--write-variable <name>', 'let write_env set this variable too (repeatable)', collectVariable);
}

export function runUp(flags: UpFlags, invocation: Invocation): Promise<Outcome<UpData>> {
  return upWithConfig(flags, invocation, (given) => startUp(given, invocation));
}

const NOTES: CommandNotes = {
  about: 'Later starts reuse the port, address, images, database, variables, origins and HTTPS settings.',
  examples: [
    'agents-llm up',
    'agents-llm up --bind 0.0.0.0 --ui-password generate',
    'agents-llm up --env LANGFUSE_SECRET_KEY --env LANGFUSE_HOST=http://langfuse.lan:3000',
    'agents-llm up --tls nginx --host llm.lan --self-signed --ui-password generate',
  ],
  json: '{project, runtime, change: "started"|"unchanged"|"none", url, localUrl, tls: {proxy, host, certificate, selfSigned, expires}|null, version, ui: {url, username, password}, logRetention: "30d"|null, keys, secretsFile, elapsedMs, nextSteps, applied: {file, plan}|null, plan}',
  exits: [3, 4, 5, 6, 7, 8, 9, 10],
};
