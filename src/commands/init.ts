import { basename } from 'node:path';
import type { Command } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import type { Invoke } from '../cli/invoke.ts';
import type { Invocation, Workplace } from '../context/invocation.ts';
import { confirm } from '../io/terminal/ask.ts';
import { parseBaseUrl } from '../litellm/admin/target.ts';
import { unwritable } from '../litellm/apply/write-config.ts';
import { CONFIG_FILE, type Config } from '../litellm/config/config.ts';
import { type ConfigPlace, placeOf } from '../litellm/config/find-config.ts';
import { ignoreInGit } from '../litellm/config/git-ignore.ts';
import { loadConfig } from '../litellm/config/load-config.ts';
import { parseConfig } from '../litellm/config/parse-config.ts';
import { renderConfig, schemaLine } from '../litellm/config/render-config.ts';
import { schemaReference } from '../litellm/config/schema-reference.ts';
import type { ImportLine } from '../litellm/import/import-report.ts';
import { type ImportFlags, readImport } from '../litellm/import/read-import.ts';
import { canAsk } from '../litellm/input/ask-target.ts';
import { OWN_GATEWAY } from '../litellm/trust/config-identity.ts';
import { allowWritten, type ConfigFile } from '../litellm/trust/file-consent.ts';
import { CliError, systemCode } from '../model/errors.ts';
import type { Outcome } from '../model/report.ts';
import { npxLine } from '../model/settings.ts';
import { forPlatform } from '../model/windows-hints.ts';
import { templateFile } from '../package-files.ts';
import { shownValue } from '../text/shown-value.ts';

export interface InitFlags extends ImportFlags {
  readonly file?: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

export interface InitData {
  readonly file: string;
  /** `none` for a dry run. */
  readonly change: 'created' | 'unchanged' | 'replaced' | 'none';
  /** The lines added to .gitignore. */
  readonly ignored: readonly string[];
  readonly schema: { readonly path: string; readonly found: boolean };
  readonly nextSteps: readonly string[];
  /** What became of an imported configuration, and the text that was written; null without one. */
  readonly imported: { readonly source: string; readonly lines: readonly ImportLine[]; readonly text: string } | null;
}

export function registerInit(command: Command, invoke: Invoke, run = runInit): void {
  addNotes(command, NOTES);
  command
    .option('--file <path>', `path of the file (default: ${CONFIG_FILE})`)
    .option('--from-litellm <path>', "import LiteLLM's own config.yaml")
    .option(
      '--from-compose <path>',
      'import the LiteLLM of a docker-compose.yml: its config.yaml, port and environment',
    )
    .option('--dry-run', 'show what would be imported, but write nothing')
    .option('-f, --force', 'replace the file with what is imported')
    .action(() => invoke(command, (invocation) => run(command.opts<InitFlags>(), invocation), renderInit));
}

/** Never replaces an existing file. Files that receive secrets are added to .gitignore. */
export async function runInit(flags: InitFlags, invocation: Invocation): Promise<Outcome<InitData>> {
  if (flags.fromLitellm !== undefined || flags.fromCompose !== undefined) return runImport(flags, invocation);
  if (flags.dryRun || flags.force) throw onlyForImport(flags);
  const { file } = flags;
  const { context } = invocation;
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
        nextSteps: nextSteps(config, invocation),
        imported: null,
      },
    };
  } catch (error) {
    if (error instanceof CliError || systemCode(error) === undefined) throw error;
    throw unwritable(place.shown, systemCode(error));
  }
}

const onlyForImport = ({ dryRun }: InitFlags) =>
  new CliError('usage', `${dryRun ? '--dry-run' : '--force'} is for an import`, {
    hint: 'Name what is imported: --from-litellm config.yaml or --from-compose docker-compose.yml',
  });

/** Writes the file from an existing set-up. Asks before it replaces a file, unless `--force` is given. */
async function runImport(flags: InitFlags, invocation: Invocation): Promise<Outcome<InitData>> {
  const { context } = invocation;
  const place = placeOf(context, flags.file ?? CONFIG_FILE);
  const { source, fields, lines, warnings } = await readImport(flags, context, place.folder);
  const schema = await schemaReference(place.folder, context);
  const text = renderConfig(fields, schema.path, `init ${sourceFlag(flags, source)}`);
  // Validated before it is written, because `apply` would refuse an invalid file.
  const config = parseConfig(text, place);
  const data = { file: place.shown, ignored: [], schema, nextSteps: nextSteps(config, invocation) };
  const imported = { source, lines, text };
  if (flags.dryRun) return { data: { ...data, change: 'none', imported }, warnings, ownLines: ['text'] };
  const change = await writeImport(place, text, flags, invocation);
  await allowNew({ config: await loadConfig(context, place), place }, invocation);
  return { data: { ...data, change, imported }, warnings, ownLines: ['text'] };
}

const sourceFlag = ({ fromCompose }: InitFlags, source: string) =>
  fromCompose === undefined ? `--from-litellm ${basename(source)}` : `--from-compose ${basename(fromCompose)}`;

async function writeImport(
  place: ConfigPlace,
  text: string,
  { force }: InitFlags,
  invocation: Invocation,
): Promise<'created' | 'replaced'> {
  const { files } = invocation.context;
  try {
    if (await files.create(place.path, text, 0o644)) return 'created';
    const mayReplace = force || (canAsk(invocation.context) && (await confirm(`Replace ${place.shown}?`, invocation)));
    if (!mayReplace) {
      throw new CliError('confirmation_needed', `${place.shown} already exists`, {
        hint: 'Replace it with --force\nOr write another file with --file PATH',
        details: { file: place.shown },
      });
    }
    await files.write(place.path, text, 0o644);
    return 'replaced';
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

function nextSteps(
  { providers, environment = [], litellm }: Config,
  { context, settings }: Workplace,
): readonly string[] {
  const variables = [
    ...providers.flatMap(({ keyVariable, secretVariables }) => [
      ...(keyVariable === undefined ? [] : [keyVariable]),
      ...Object.values(secretVariables),
    ]),
    ...environment.flatMap((variable) => ('from' in variable ? [variable.from] : [])),
    ...givenNot(litellm?.variables ?? [], environment),
  ];
  const exports = [...new Set(variables)].map((name) => forPlatform(`export ${name}=…`, context.platform));
  return [...exports, npxLine(settings.project, 'up')];
}

const givenNot = (names: readonly string[], environment: NonNullable<Config['environment']>) =>
  names.filter((name) => !environment.some((variable) => variable.name === name));

export function renderInit({ file, change, ignored, schema, nextSteps: steps, imported }: InitData): string {
  return [
    ...(imported ? reportOf(imported.lines) : []),
    ...(imported && change === 'none' ? ['', imported.text] : []),
    change === 'none' ? `${file}: not written (--dry-run)` : `${file}: ${change}`,
    ...(ignored.length > 0 ? [`.gitignore: ${ignored.join(', ')} added`] : []),
    ...(schema.found ? [] : ['For completion in editors: npm install --save-dev agents-llm']),
    '',
    'Next:',
    ...steps.map((step) => `  ${step}`),
    '',
  ].join('\n');
}

const reportOf = (lines: readonly ImportLine[]): readonly string[] =>
  lines.map(
    ({ action, file, line, path, text }) => `${file}:${line}: ${action.padEnd(8)} ${path}: ${shownValue(text)}`,
  );

const NOTES: CommandNotes = {
  examples: [
    'agents-llm init',
    'agents-llm init --from-litellm config.yaml --dry-run',
    'agents-llm init --from-compose docker-compose.yml',
  ],
  json: '{file, change: "created"|"unchanged"|"replaced"|"none", ignored, schema: {path, found}, nextSteps, imported: {source, lines: [{action: "taken"|"changed"|"left out"|"ignored", file, line, path, text}], text}|null}',
  exits: [3],
};
