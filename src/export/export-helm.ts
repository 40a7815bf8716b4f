import { stringify } from 'yaml';
import { savedConfig } from '../litellm/gateway-config/saved-config.ts';
import { effectiveVariables } from '../model/gateway-environment.ts';
import { LITELLM_FOLDER } from '../model/litellm-files.ts';
import { commandLine } from '../model/settings.ts';
import { asRecord } from '../text/json.ts';
import { comment, fileWarnings, type HandOver, type Leaving } from './hand-over.ts';
import { CHART_FACTS, type Chart, RELEASE } from './helm-charts.ts';
import { namedBeside } from './leaving-litellm.ts';

export interface HelmTarget {
  readonly chart: Chart;
  readonly namespace: string;
  /** Of the PostgreSQL outside the chart, with its port when it is not 5432. Missing where only the Secrets are wanted. */
  readonly databaseHost: string | undefined;
}

const NOBODY = 'postgres.example.com';

/** Values for one of LiteLLM's charts, and the two Secrets that they name. */
export function helmHandOver(leaving: Leaving, target: HelmTarget): HandOver {
  const { chart, databaseHost = NOBODY } = target;
  // Kubernetes names contain no _ and do not end in -.
  const name = leaving.spec.project.replaceAll('_', '-').replace(/(?<!-)-+$/, '');
  const names = { gateway: name, database: `${name}-database` };
  const variables = valuesOfVariables(leaving.variables, false);
  const config = proxyConfig(savedConfig(leaving.litellmFiles));
  const { valuesOf, replicas, configFolder } = CHART_FACTS[chart];
  const values = valuesOf({ spec: leaving.spec, variables, config, names, databaseHost });
  const text = [
    comment(steps(leaving, { ...target, databaseHost })),
    // The chart writes LiteLLM's configuration from it, whose YAML is 1.1.
    stringify(values, { lineWidth: 0, version: '1.1', directives: false }).trimEnd(),
    comment([
      'More than one replica needs a Redis, through which they share limits and budgets. Add to the values above:',
      ...stringify(replicas).trimEnd().split('\n'),
    ]),
  ];
  return {
    main: { name: 'values.yaml', text: `${text.join('\n')}\n` },
    others: [],
    secrets: { name: 'secret.yaml', text: secretManifests(leaving, chart, names) },
    warnings: [...fileWarnings(leaving.variables), ...besideWarnings(namedBeside(leaving.litellmFiles), configFolder)],
  };
}

function proxyConfig({ general_settings: general, ...config }: Readonly<Record<string, unknown>>) {
  const settings = asRecord(general);
  return { model_list: [], ...config, general_settings: { ...settings, master_key: 'os.environ/PROXY_MASTER_KEY' } };
}

/** The chart mounts the configuration alone. */
const besideWarnings = (names: readonly string[], folder: string) =>
  names.length === 0
    ? []
    : [
        `The chart mounts LiteLLM's configuration without the files that it names, so mount them in ${LITELLM_FOLDER}, and Python beside the configuration in ${folder}: ${names.join(', ')}`,
      ];

/** The secrets among them, or the others. */
function valuesOfVariables(variables: Leaving['variables'], isSecret: boolean): Readonly<Record<string, string>> {
  const chosen = effectiveVariables(variables).filter((one) => one.isSecret === isSecret && one.file === undefined);
  return Object.fromEntries(chosen.map(({ name, value }) => [name, value.reveal()]));
}

function secretManifests(
  { secrets, variables }: Leaving,
  chart: Chart,
  names: { readonly gateway: string; readonly database: string },
): string {
  const manifest = (name: string, stringData: Readonly<Record<string, string>>) =>
    stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, type: 'Opaque', stringData }, { lineWidth: 0 });
  const gateway = manifest(names.gateway, {
    LITELLM_MASTER_KEY: secrets.masterKey.reveal(),
    LITELLM_SALT_KEY: secrets.saltKey.reveal(),
    UI_USERNAME: secrets.uiUsername,
    UI_PASSWORD: secrets.uiPassword.reveal(),
    ...valuesOfVariables(variables, true),
  });
  const password = CHART_FACTS[chart].passwordOf(secrets.databasePassword.reveal());
  return `${gateway}---\n${manifest(names.database, { username: 'litellm', password })}`;
}

function steps(
  { spec, secretsFile }: Leaving,
  { chart, namespace, databaseHost }: HelmTarget & { readonly databaseHost: string },
): string[] {
  const ours = (rest: string) => `  ${commandLine(spec.project, rest)}`;
  const { 0: name = databaseHost, 1: port } = databaseHost.split(':');
  const at = port === undefined ? `-h ${name}` : `-h ${name} -p ${port}`;
  const { reference, version } = CHART_FACTS[chart];
  const pinned = version === undefined ? reference : `${reference} --version ${version}`;
  return [
    `The stack ${spec.project}, as values for LiteLLM's Helm chart ${chart}, with a PostgreSQL outside the chart.`,
    'To move the data, run here:',
    ours('down'),
    ours('backup litellm.dump'),
    `Then load it into that PostgreSQL (16 or later), with the POSTGRES_PASSWORD from ${secretsFile} as the password of its user litellm:`,
    `  createuser ${at} -U postgres --pwprompt litellm`,
    `  createdb ${at} -U postgres --owner litellm litellm`,
    `  pg_restore ${at} -U litellm -d litellm --no-owner --exit-on-error --single-transaction litellm.dump`,
    'Then install the Secrets (provider keys can only be read with the same LITELLM_SALT_KEY) and the chart:',
    `  kubectl create namespace ${namespace}`,
    `${ours(`export helm --chart ${chart} --reveal`)} | kubectl -n ${namespace} apply -f -`,
    `  helm install ${RELEASE} ${pinned} -n ${namespace} -f values.yaml`,
    `  kubectl -n ${namespace} rollout status deployment/${RELEASE}`,
  ];
}
