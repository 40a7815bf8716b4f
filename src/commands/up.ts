import { type Command, Option } from 'commander';
import {
  argument,
  bindArgument,
  parseCorsOrigin,
  parseImage,
  portArgument,
  timeoutOption,
} from '../cli/flag-values.ts';
import { helpFooter } from '../cli/help-footer.ts';
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
  command
    .option('--port <port>', 'port of the proxy; remembered (AGENTS_LLM_PORT, default 4000)', portArgument)
    .option(
      '--bind <address>',
      'address to publish it on; remembered (AGENTS_LLM_BIND, default 127.0.0.1)',
      bindArgument,
    )
    .addOption(new Option('--runtime <runtime>', 'docker, native (without Docker), or auto').choices(RUNTIME_CHOICES))
    .option('--python <path>', 'which Python the native runtime is installed with')
    .addOption(timeoutOption())
    .addOption(new Option('--pull <policy>', 'fetch images').choices(['missing', 'always', 'never']).default('missing'))
    .option('--image <reference>', 'another LiteLLM image; remembered', parseImage)
    .option('--db-image <reference>', 'another PostgreSQL 16 image; remembered', parseImage)
    .option('--database-url-from-env <variable>', 'a PostgreSQL of your own, by the variable with its URL; remembered')
    .option('--ui-username <name>', "the UI's user name", (name) => name)
    .option(
      '--ui-password <source>',
      "the UI's password: generate, stdin, env:NAME or file:PATH",
      argument(parsePasswordSource),
    )
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
