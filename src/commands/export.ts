import { type Command, Option } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import { parseHost, parseNamespace } from '../cli/flag-values.ts';
import type { Invoke } from '../cli/invoke.ts';
import type { Invocation } from '../context/invocation.ts';
import { composeHandOver } from '../export/export-compose.ts';
import { type ExportData, type ExportFlags, exportHandOver } from '../export/export-hand-over.ts';
import { type HelmTarget, helmHandOver } from '../export/export-helm.ts';
import { CHARTS, type Chart } from '../export/helm-charts.ts';
import { readLeaving } from '../export/read-leaving.ts';
import { CliError } from '../model/errors.ts';
import type { Outcome } from '../model/report.ts';
import { composeFile } from '../package-files.ts';

export interface ExportHelmFlags extends ExportFlags {
  readonly chart: Chart;
  readonly namespace: string;
  readonly databaseHost?: string;
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
