import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import { parseHost, parseNamespace } from '../cli/flag-values.ts';
import type { Invoke } from '../cli/invoke.ts';
import type { Invocation } from '../context/invocation.ts';
import { composeHandOver } from '../export/export-compose.ts';
import { type HelmTarget, helmHandOver } from '../export/export-helm.ts';
import { type HandOver, type Leaving, specInImages } from '../export/hand-over.ts';
import { CHARTS, type Chart } from '../export/helm-charts.ts';
import { writeHandOver } from '../export/write-hand-over.ts';
import { requireTrustedImage } from '../litellm/releases/trusted-image.ts';
import { CliError } from '../model/errors.ts';
import type { Outcome } from '../model/report.ts';
import { composeFile } from '../package-files.ts';
import { readEnvironment } from '../project/environment.ts';
import { litellmFilesOf } from '../runtime/litellm-files.ts';
import { requireOwnDatabase } from '../stack/open/external-database.ts';
import { readStack } from '../stack/open/open-stack.ts';
import { loginWeakness } from '../stack/open/ui-login.ts';

export interface ExportFlags {
  readonly output?: string;
  readonly reveal?: boolean;
}

export interface ExportHelmFlags extends ExportFlags {
  readonly chart: Chart;
  readonly namespace: string;
  readonly databaseHost?: string;
}

export interface ExportedFile {
  readonly name: string;
  /** Where it was written; null when it is printed. */
  readonly path: string | null;
  readonly secret: boolean;
  /** Null when it holds secrets and `--reveal` is not given. */
  readonly text: string | null;
}

export interface ExportData {
  readonly target: 'compose' | 'helm';
  readonly files: readonly ExportedFile[];
  /** What is printed: the name of one of the files, or null when they were written. */
  readonly shown: string | null;
}

const RUNS = { compose: runExportCompose, helm: runExportHelm };

export function registerExport(group: Command, invoke: Invoke, runs = RUNS): void {
  addNotes(group, NOTES);
  const compose = addOutput(
    group.command('compose').description('Export one docker-compose.yml that needs no agents-llm'),
  );
  compose.action(() => invoke(compose, (given) => runs.compose(compose.opts<ExportFlags>(), given), renderExport));
  const helm = addOutput(group.command('helm').description("Export values for one of LiteLLM's Helm charts"));
  helm
    .addOption(new Option('--chart <name>', "LiteLLM's chart").choices(CHARTS).default('litellm-helm'))
    .option('--database-host <host>', 'PostgreSQL outside the chart: HOST or HOST:PORT', parseHost)
    .option('--namespace <name>', 'Kubernetes namespace in the instructions', parseNamespace, 'litellm')
    .action(() => invoke(helm, (given) => runs.helm(helm.opts<ExportHelmFlags>(), given), renderExport));
}

function addOutput(command: Command): Command {
  return command
    .option('-o, --output <folder>', 'write the files to this folder (secrets with mode 0600)')
    .option('--reveal', 'print the file with the secrets instead');
}

export async function runExportCompose(flags: ExportFlags, invocation: Invocation): Promise<Outcome<ExportData>> {
  const { files } = invocation.context;
  const leaving = await readLeaving(invocation);
  const [source = '', secrets = ''] = await Promise.all([files.read(composeFile()), files.read(leaving.secretsFile)]);
  const handOver = composeHandOver(leaving, { source, secrets });
  return exportHandOver('compose', { ...leaving, handOver }, flags, invocation);
}

export async function runExportHelm(flags: ExportHelmFlags, invocation: Invocation): Promise<Outcome<ExportData>> {
  const leaving = await readLeaving(invocation);
  requireDatabaseHost(flags);
  const { chart, namespace, databaseHost }: HelmTarget = { databaseHost: undefined, ...flags };
  const handOver = helmHandOver(leaving, { chart, namespace, databaseHost });
  return exportHandOver('helm', { ...leaving, handOver }, flags, invocation);
}

/** The Secrets alone name no host. */
function requireDatabaseHost({ databaseHost, reveal, output }: ExportHelmFlags): void {
  if (databaseHost !== undefined || (reveal && output === undefined)) return;
  throw new CliError('usage', 'The values need the host of a PostgreSQL outside the chart', {
    hint: 'Name it: agents-llm export helm --database-host HOST',
  });
}

async function readLeaving(invocation: Invocation): Promise<Leaving> {
  const { paths } = invocation.settings;
  const { state, secrets } = await readStack(invocation);
  if (!state || !secrets)
    throw new CliError('not_running', 'No stack exists yet', { hint: 'Create it: agents-llm up' });
  requireOwnDatabase(
    state,
    'The database is external, so there is no data to move',
    `Start LiteLLM elsewhere on the same database, with LITELLM_SALT_KEY and LITELLM_MASTER_KEY from ${paths.secrets}`,
  );
  const spec = specInImages(state);
  const warnings = requireTrustedImage(spec.image, { installed: false });
  const { files } = invocation.context;
  const variables = await readEnvironment(files, paths);
  const litellmFiles = await litellmFilesOf(state, files, paths);
  const hasReverseProxy = Boolean(state.tls);
  return { spec, warnings, secrets, secretsFile: paths.secrets, variables, litellmFiles, hasReverseProxy };
}

async function exportHandOver(
  target: ExportData['target'],
  {
    handOver,
    secrets: { uiUsername, uiPassword },
    hasReverseProxy,
    warnings: doubts,
  }: Leaving & { handOver: HandOver },
  flags: ExportFlags,
  { context }: Invocation,
): Promise<Outcome<ExportData>> {
  const folder = flags.output === undefined ? null : resolve(context.cwd, flags.output);
  if (folder !== null) await writeHandOver(context.files, folder, handOver);
  const fileOf = ({ name, text }: HandOver['main'], secret: boolean): ExportedFile => ({
    name,
    path: folder === null ? null : join(folder, name),
    secret,
    text: secret && !flags.reveal ? null : text,
  });
  const isWeak = loginWeakness({ uiUsername, uiPassword }) !== undefined;
  const { main, secrets, others } = handOver;
  const warnings = [
    ...doubts,
    ...handOver.warnings,
    ...(hasReverseProxy ? ['The export has no HTTPS reverse proxy, so put one in front of the gateway there'] : []),
    ...(isWeak ? ['The UI password is easy to guess: change UI_PASSWORD before others can reach the gateway'] : []),
    ...(folder === null && others.length > 0
      ? [
          `The export needs ${others.length === 1 ? 'the file' : 'the files'} ${others.map(({ name }) => name).join(', ')} beside it. Write all of them: --output FOLDER`,
        ]
      : []),
    ...(folder === null ? [] : [`${join(folder, secrets.name)} holds all secrets: keep it out of version control`]),
  ];
  const shown = folder === null ? (flags.reveal ? secrets.name : main.name) : null;
  return {
    data: {
      target,
      files: [fileOf(main, false), fileOf(secrets, true), ...others.map((file) => fileOf(file, false))],
      shown,
    },
    warnings,
    ownLines: ['text'],
  };
}

export function renderExport({ files, shown }: ExportData): string {
  if (shown !== null) return files.find(({ name }) => name === shown)?.text ?? '';
  return files.map(({ path, secret }) => `${path}${secret ? '  (secrets, mode 0600)' : ''}\n`).join('');
}

const NOTES: CommandNotes = {
  examples: [
    'agents-llm export compose -o handover',
    'agents-llm export helm --chart litellm --database-host pg.internal > values.yaml',
    'agents-llm export helm --chart litellm --reveal | kubectl -n litellm apply -f -',
  ],
  json: '{target, files: [{name, path, secret, text}], shown}; text is null where secrets are not revealed',
  exits: [9, 10],
};
