import { stringify } from 'yaml';
import { effectiveVariables } from '../model/gateway-environment.ts';
import { LITELLM_FOLDER } from '../model/litellm-files.ts';
import { commandLine } from '../model/settings.ts';
import { DEFAULT_BIND } from '../model/stack-spec.ts';
import { allowedOrigins } from '../model/web-origins.ts';
import { isRecord } from '../text/json.ts';
import { comment, fileWarnings, type HandOver, type Leaving } from './hand-over.ts';
import { litellmValue, namedBeside } from './leaving-litellm.ts';

export interface HelmTarget {
  readonly namespace: string;
  /** Of the PostgreSQL outside the chart, with its port when it is not 5432. */
  readonly databaseHost: string | undefined;
}

const CHART = 'oci://ghcr.io/berriai/litellm-helm';
const RELEASE = 'litellm';
const NOBODY = 'postgres.example.com';

/** Values for LiteLLM's chart `litellm-helm`, and the two Secrets that they name. */
export function helmHandOver(leaving: Leaving, { namespace, databaseHost }: HelmTarget): HandOver {
  const host = databaseHost ?? NOBODY;
  // Kubernetes names contain no _ and do not end in -.
  const name = leaving.spec.project.replaceAll('_', '-').replace(/(?<!-)-+$/, '');
  const names = { proxy: name, database: `${name}-database` };
  // The chart writes LiteLLM's configuration from it, whose YAML is 1.1.
  const values = stringify(valuesOf(leaving, names, host), { lineWidth: 0, version: '1.1', directives: false });
  return {
    main: { name: 'values.yaml', text: `${comment(steps(leaving, namespace, host))}\n${values}` },
    others: [],
    secrets: { name: 'secret.yaml', text: secretManifests(leaving, names) },
    warnings: [
      ...(databaseHost === undefined
        ? [`db.endpoint is the placeholder ${NOBODY}. Name your PostgreSQL with --database-host`]
        : []),
      ...fileWarnings(leaving.variables),
      ...besideWarnings(namedBeside(leaving.litellmFiles)),
    ],
  };
}

interface Names {
  readonly proxy: string;
  readonly database: string;
}

function valuesOf({ spec, variables, litellmFiles }: Leaving, names: Names, host: string) {
  return {
    image: imageValues(spec.image),
    service: { type: 'ClusterIP', port: 4000 },
    masterkeySecretName: names.proxy,
    masterkeySecretKey: 'LITELLM_MASTER_KEY',
    environmentSecrets: [names.proxy],
    envVars: {
      STORE_MODEL_IN_DB: 'True',
      // For a forwarded port; an ingress needs its own address added.
      LITELLM_CORS_ORIGINS: allowedOrigins({ ...spec, bind: DEFAULT_BIND, port: 4000 }),
      LITELLM_CORS_ALLOW_CREDENTIALS: 'False',
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
      ...valuesOfVariables(variables, false),
    },
    // The aliases are in the database; the chart's own examples would be added to them.
    proxy_config: proxyConfig(litellmValue(litellmFiles)),
    db: {
      deployStandalone: false,
      useExisting: true,
      endpoint: host,
      database: 'litellm',
      secret: { name: names.database, usernameKey: 'username', passwordKey: 'password' },
    },
    // The chart's default is an Argo CD hook. As a Helm hook, it runs before the Deployment and again on every upgrade.
    migrationJob: { hooks: { argocd: { enabled: false }, helm: { enabled: true } } },
    resources: { requests: { memory: '1Gi' }, limits: { memory: '4Gi' } },
  };
}

function proxyConfig({ general_settings: general, ...config }: Readonly<Record<string, unknown>>) {
  const settings = isRecord(general) ? general : {};
  return { model_list: [], ...config, general_settings: { ...settings, master_key: 'os.environ/PROXY_MASTER_KEY' } };
}

/** The chart mounts the configuration alone. */
const besideWarnings = (names: readonly string[]) =>
  names.length === 0
    ? []
    : [
        `The chart mounts LiteLLM's configuration without the files that it names, so mount them in ${LITELLM_FOLDER}, and Python beside the configuration in /etc/litellm: ${names.join(', ')}`,
      ];

/** The secrets among them, or the others. */
function valuesOfVariables(variables: Leaving['variables'], isSecret: boolean): Readonly<Record<string, string>> {
  const chosen = effectiveVariables(variables).filter((one) => one.isSecret === isSecret && one.file === undefined);
  return Object.fromEntries(chosen.map(({ name, value }) => [name, value.reveal()]));
}

/** The chart joins both with a colon, which also works for `NAME@sha256` and its digest. */
function imageValues(image: string) {
  const [, repository = image, tag = 'latest'] = /^(.*):([^:/]+)$/.exec(image) ?? [];
  return { repository, tag, pullPolicy: 'IfNotPresent' };
}

function secretManifests({ secrets, variables }: Leaving, names: Names): string {
  const manifest = (name: string, stringData: Readonly<Record<string, string>>) =>
    stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, type: 'Opaque', stringData }, { lineWidth: 0 });
  const proxy = manifest(names.proxy, {
    LITELLM_MASTER_KEY: secrets.masterKey.reveal(),
    LITELLM_SALT_KEY: secrets.saltKey.reveal(),
    UI_USERNAME: secrets.uiUsername,
    UI_PASSWORD: secrets.uiPassword.reveal(),
    ...valuesOfVariables(variables, true),
  });
  // Encoded because the chart inserts it into a URL.
  const password = encodeURIComponent(secrets.databasePassword.reveal());
  return `${proxy}---\n${manifest(names.database, { username: 'litellm', password })}`;
}

function steps({ spec, secretsFile }: Leaving, namespace: string, host: string): string[] {
  const ours = (rest: string) => `  ${commandLine(spec.project, rest)}`;
  const { 0: name = host, 1: port } = host.split(':');
  const at = port === undefined ? `-h ${name}` : `-h ${name} -p ${port}`;
  return [
    `The stack ${spec.project}, as values for LiteLLM's Helm chart litellm-helm, with a PostgreSQL outside the chart.`,
    'To move the data, run here:',
    ours('down'),
    ours('backup litellm.dump'),
    `Then load it into that PostgreSQL (16 or later), with the POSTGRES_PASSWORD from ${secretsFile} as the password of its user litellm:`,
    `  createuser ${at} -U postgres --pwprompt litellm`,
    `  createdb ${at} -U postgres --owner litellm litellm`,
    `  pg_restore ${at} -U litellm -d litellm --no-owner --exit-on-error --single-transaction litellm.dump`,
    'Then install the Secrets (provider keys can only be read with the same LITELLM_SALT_KEY) and the chart:',
    `  kubectl create namespace ${namespace}`,
    `${ours('export helm --reveal')} | kubectl -n ${namespace} apply -f -`,
    `  helm install ${RELEASE} ${CHART} -n ${namespace} -f values.yaml`,
    `  kubectl -n ${namespace} rollout status deployment/${RELEASE}`,
    'More than one replica needs Redis, through which they share limits and budgets: replicaCount: 2, redis: {enabled: true}.',
  ];
}
