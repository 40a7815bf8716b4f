import type { Command } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import type { Invoke } from '../cli/invoke.ts';
import type { Invocation } from '../context/invocation.ts';
import { parseBaseUrl } from '../litellm/admin/target.ts';
import { unwritable } from '../litellm/apply/write-config.ts';
import { CONFIG_FILE, type Config } from '../litellm/config/config.ts';
import { placeOf } from '../litellm/config/find-config.ts';
import { ignoreInGit } from '../litellm/config/git-ignore.ts';
import { loadConfig } from '../litellm/config/load-config.ts';
import { schemaLine } from '../litellm/config/render-config.ts';
import { schemaReference } from '../litellm/config/schema-reference.ts';
import { OWN_GATEWAY } from '../litellm/trust/config-identity.ts';
import { allowWritten, type ConfigFile } from '../litellm/trust/file-consent.ts';
import { CliError, systemCode } from '../model/errors.ts';
import type { Outcome } from '../model/report.ts';
import { commandLine } from '../model/settings.ts';
import { templateFile } from '../package-files.ts';

export interface InitFlags {
  readonly file?: string;
}

export interface InitData {
  readonly file: string;
  readonly change: 'created' | 'unchanged';
  /** The lines that .gitignore was given. */
  readonly ignored: readonly string[];
  readonly schema: { readonly path: string; readonly found: boolean };
  readonly nextSteps: readonly string[];
}

export function registerInit(command: Command, invoke: Invoke, run = runInit): void {
  addNotes(command, NOTES);
  command
    .option('--file <path>', `path of the file (default: ${CONFIG_FILE})`)
    .action(() => invoke(command, (invocation) => run(command.opts<InitFlags>(), invocation), renderInit));
}

/** Never replaces an existing file. Files that receive secrets are added to .gitignore. */
export async function runInit({ file }: InitFlags, invocation: Invocation): Promise<Outcome<InitData>> {
  const { context, settings } = invocation;
  const place = placeOf(context, file ?? CONFIG_FILE);
  const schema = await schemaReference(place.folder, context);
  const example = (await context.files.read(templateFile(CONFIG_FILE))) ?? '';
  const text = example.replace(/^.*\n/, `${schemaLine(schema.path)}\n`);
  try {
    const isNew = await context.files.create(place.path, text, 0o644);
    const config = await loadConfig(context, place);
    if (isNew) await allowNew({ config, place }, invocation);
    const ignored = await ignoreInGit(place.folder, envFilesOf(config)).catch((error) => {
      throw systemCode(error) === undefined ? error : unwritable('.gitignore', systemCode(error));
    });
    return {
      data: {
        file: place.shown,
        change: isNew ? 'created' : 'unchanged',
        ignored,
        schema,
        nextSteps: nextSteps(config, settings.project),
      },
    };
  } catch (error) {
    if (error instanceof CliError || systemCode(error) === undefined) throw error;
    throw unwritable(place.shown, systemCode(error));
  }
}

/** Allows the new file on every gateway without asking, because it is our own example. */
async function allowNew(file: ConfigFile, invocation: Invocation): Promise<void> {
  const { LITELLM_BASE_URL: elsewhere } = invocation.context.env;
  const gateways = [OWN_GATEWAY, ...(elsewhere ? [parseBaseUrl(elsewhere, 'LITELLM_BASE_URL')] : [])];
  for (const gateway of gateways) await allowWritten(file, gateway, invocation);
}

const envFilesOf = ({ keys }: Config) => keys.flatMap(({ writeEnv }) => (writeEnv ? [writeEnv.file] : []));

function nextSteps({ providers }: Config, project: string): readonly string[] {
  const variables = providers.flatMap(({ keyVariable }) => (keyVariable === undefined ? [] : [keyVariable]));
  return [...variables.map((name) => `export ${name}=…`), `npx ${commandLine(project, 'up')}`];
}

export function renderInit({ file, change, ignored, schema, nextSteps: steps }: InitData): string {
  return [
    `${file}: ${change}`,
    ...(ignored.length > 0 ? [`.gitignore: ${ignored.join(', ')} added`] : []),
    ...(schema.found ? [] : ['For completion in editors: npm install --save-dev agents-llm']),
    '',
    'Next:',
    ...steps.map((step) => `  ${step}`),
    '',
  ].join('\n');
}

const NOTES: CommandNotes = {
  examples: ['agents-llm init', 'agents-llm init --file gateway/agents-llm.yaml'],
  json: '{file, change: "created"|"unchanged", ignored, schema: {path, found}, nextSteps}',
  exits: [],
};
