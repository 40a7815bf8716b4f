import { type Command, InvalidArgumentError, Option } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import type { Invoke } from '../cli/invoke.ts';
import { addProvisionOptions, keyWish, type ProvisionFlags } from '../cli/provision-flags.ts';
import type { Invocation } from '../context/invocation.ts';
import { keepOutOfLogs } from '../context/keep-out-of-logs.ts';
import { requireEnvFile, writeEnvFile } from '../litellm/keys/env-file.ts';
import type { ProvisionedKey } from '../litellm/keys/key-wish.ts';
import { provisionKey } from '../litellm/keys/provision-key.ts';
import { dotenvVariables } from '../litellm/keys/shell-variables.ts';
import { openAdmin } from '../litellm/open-admin.ts';
import type { Outcome } from '../model/report.ts';
import type { OutputFormat } from '../model/settings.ts';
import { VARIABLE_NAME } from '../text/variable-name.ts';

export interface ProvisionKeyFlags extends ProvisionFlags {
  readonly output?: OutputFormat;
  readonly envFile?: string;
  readonly writeEnv?: string;
  readonly name?: Readonly<Record<string, string>>;
}

export interface ProvisionKeyData {
  readonly alias: string;
  /** In full: this command is made to show it. */
  readonly key: string;
  readonly change: ProvisionedKey['change'];
  readonly expires: string | null;
  readonly models: readonly string[];
  readonly baseUrl: string;
  /** By the names that `--name` gives them. */
  readonly variables: Readonly<Record<string, string>>;
  readonly envFile: string | null;
}

const VARIABLES = ['OPENAI_API_KEY', 'OPENAI_BASE_URL'];

export function registerProvisionKey(command: Command, invoke: Invoke, run = runProvisionKey): void {
  addNotes(command, NOTES);
  addProvisionOptions(command)
    .option('--rotate', 'replace the key; the old one stops working')
    .option('-f, --force', 'allow keys of others and files that git tracks')
    .option('--write-env <path>', 'set OPENAI_API_KEY and OPENAI_BASE_URL in a dotenv file')
    .option('--env-file <path>', 'same as --write-env; Node 20 also reads this flag, so the file must exist')
    .option('--name <NAME=MY_NAME>', 'another name for a variable (repeatable)', collectName)
    .addOption(new Option('-o, --output <format>', 'text, json, or env').choices(['text', 'json', 'env']))
    .action(() => {
      const flags = command.opts<ProvisionKeyFlags>();
      command.setOptionValue('format', flags.output);
      const render = flags.output === 'env' ? renderVariables : renderProvisionKey;
      return invoke(command, (invocation) => run(flags, invocation), render);
    });
}

export async function runProvisionKey(
  flags: ProvisionKeyFlags,
  invocation: Invocation,
): Promise<Outcome<ProvisionKeyData>> {
  const { context } = invocation;
  const wish = keyWish(flags, context.env);
  const path = flags.writeEnv ?? flags.envFile;
  const file = path === undefined ? null : await requireEnvFile(path, flags.force ?? false, context);
  const provisioned = await provisionKey(await openAdmin(invocation, flags), wish);
  const { alias, key, change, expires, models, baseUrl, warnings } = provisioned;
  keepOutOfLogs(key, invocation);
  const names = { OPENAI_API_KEY: 'OPENAI_API_KEY', OPENAI_BASE_URL: 'OPENAI_BASE_URL', ...flags.name };
  const variables = { [names.OPENAI_API_KEY]: key.reveal(), [names.OPENAI_BASE_URL]: baseUrl };
  if (file !== null) await writeEnvFile(file, variables);
  context.signal.throwIfAborted();
  return { data: { alias, key: key.reveal(), change, expires, models, baseUrl, variables, envFile: file }, warnings };
}

export function collectName(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [name = '', own = ''] = text.split('=');
  if (VARIABLES.includes(name) && VARIABLE_NAME.test(own)) return { ...previous, [name]: own };
  throw new InvalidArgumentError(`Use ${VARIABLES.join('=NAME or ')}=NAME`);
}

const renderProvisionKey = ({ key }: ProvisionKeyData) => `${key}\n`;

const renderVariables = ({ variables }: ProvisionKeyData) => dotenvVariables(variables);

const NOTES: CommandNotes = {
  examples: [
    'agents-llm provision-key --write-env .env',
    'agents-llm provision-key --models gpt-5,fast --max-budget 5 --duration 7d',
    'agents-llm provision-key --rotate -o env --name OPENAI_API_KEY=MY_KEY',
  ],
  json: '{alias, key, change: "created"|"updated"|"unchanged"|"rotated", expires, models, baseUrl, variables, envFile}',
  exits: [3, 4, 5, 6, 7, 8, 9, 10],
};
