import { DEFAULT_BIND, type StackSpec } from '../model/stack-spec.ts';
import { allowedOrigins } from '../model/web-origins.ts';

/** LiteLLM's two charts for Helm. */
export const CHARTS = ['litellm-helm', 'litellm'] as const;
export type Chart = (typeof CHARTS)[number];

export interface ChartInput {
  readonly spec: StackSpec;
  /** The gateway's, beside the stack's own. None is a secret. */
  readonly variables: Readonly<Record<string, string>>;
  /** LiteLLM's own. It has no aliases, because they are in the database, but a list, so that a chart adds no examples. */
  readonly config: object;
  readonly names: { readonly gateway: string; readonly database: string };
  /** `HOST` or `HOST:PORT`. */
  readonly databaseHost: string;
}

interface ChartFacts {
  readonly reference: string;
  /** Before `oci://`. */
  readonly version?: string;
  valuesOf(input: ChartInput): object;
  /** Values to add for more than one replica; they are written as a comment. */
  readonly replicas: object;
  /** Where the chart mounts LiteLLM's configuration. */
  readonly configFolder: string;
  /** As the chart wants it in the Secret. */
  passwordOf(password: string): string;
}

/** Of the Deployment, whichever chart makes it. */
export const RELEASE = 'litellm';
const KEY = 'LITELLM_MASTER_KEY';
const RESOURCES = { requests: { memory: '1Gi' }, limits: { memory: '4Gi' } };
/** A chart's default may be an Argo CD hook. As a Helm hook, it runs before the Deployment and again on every upgrade. */
const MIGRATION = { hooks: { argocd: { enabled: false }, helm: { enabled: true } } };
const LOGIN = { usernameKey: 'username', passwordKey: 'password' };
const REDIS_HOST = 'redis.example.com';

export const CHART_FACTS: Readonly<Record<Chart, ChartFacts>> = {
  'litellm-helm': {
    reference: 'oci://ghcr.io/berriai/litellm-helm',
    valuesOf: ({ spec, variables, config, names, databaseHost }) => ({
      image: { ...imageValues(spec.image), pullPolicy: 'IfNotPresent' },
      service: { type: 'ClusterIP', port: 4000 },
      masterkeySecretName: names.gateway,
      masterkeySecretKey: KEY,
      environmentSecrets: [names.gateway],
      envVars: environmentOf(spec, variables),
      proxy_config: config,
      db: {
        deployStandalone: false,
        useExisting: true,
        endpoint: databaseHost,
        database: 'litellm',
        secret: { name: names.database, ...LOGIN },
      },
      migrationJob: MIGRATION,
      resources: RESOURCES,
    }),
    replicas: { replicaCount: 2, redis: { enabled: true } },
    configFolder: '/etc/litellm',
    // Encoded because the chart inserts it into a URL.
    passwordOf: encodeURIComponent,
  },
  litellm: {
    reference: 'oci://ghcr.io/berriai/litellm/chart/litellm',
    version: '1.0.0',
    valuesOf: ({ spec, variables, config, names, databaseHost }) => ({
      fullnameOverride: RELEASE,
      image: { ...pinnedImageValues(spec.image), pullPolicy: 'IfNotPresent' },
      // One Deployment, as it is here; its values are those of the gateway.
      monolith: { enabled: true },
      masterKey: { secretName: names.gateway, secretKey: KEY },
      database: { writer: writerOf(databaseHost, names.database) },
      gateway: {
        envSecrets: [names.gateway],
        extraEnv: Object.entries(environmentOf(spec, variables)).map(([name, value]) => ({ name, value })),
        config: { create: true, proxy_config: config },
        service: { type: 'ClusterIP', port: 4000 },
        replicaCount: 1,
        hpa: { enabled: false },
        resources: RESOURCES,
      },
      migrationJob: MIGRATION,
    }),
    replicas: {
      gateway: { replicaCount: 2 },
      redis: { host: REDIS_HOST, port: 6379, passwordSecret: { name: 'redis', passwordKey: 'password' } },
    },
    configFolder: '/app/config',
    // LiteLLM makes the URL and encodes it.
    passwordOf: (password) => password,
  },
};

function environmentOf(spec: StackSpec, variables: ChartInput['variables']): Readonly<Record<string, string>> {
  return {
    STORE_MODEL_IN_DB: 'True',
    // For a forwarded port; an ingress needs its own address added.
    LITELLM_CORS_ORIGINS: allowedOrigins({ ...spec, bind: DEFAULT_BIND, port: 4000 }),
    LITELLM_CORS_ALLOW_CREDENTIALS: 'False',
    LITELLM_LOCAL_MODEL_COST_MAP: 'True',
    ...variables,
  };
}

/** The chart joins both with a colon, which also works for `NAME@sha256` and its digest. */
function imageValues(image: string) {
  const [, repository = image, tag = 'latest'] = /^(.*):([^:/]+)$/.exec(image) ?? [];
  return { repository, tag };
}

/** The chart writes `repository:tag`, and `repository:tag@digest` where there is a digest, which then decides alone. */
function pinnedImageValues(image: string) {
  const [name = image, digest] = image.split('@');
  const { repository, tag } = imageValues(name);
  return { repository, tag, ...(digest !== undefined && { digest }) };
}

function writerOf(databaseHost: string, secret: string) {
  const [host = databaseHost, port = '5432'] = databaseHost.split(':');
  return { host, port: Number(port), dbname: 'litellm', passwordSecret: { name: secret, ...LOGIN } };
}
