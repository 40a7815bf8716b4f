import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Command } from '../../io/processes/runner.ts';
import {
  environmentFiles,
  environmentValues,
  type GatewayPlace,
  type GatewayVariable,
} from '../../model/gateway-environment.ts';
import { LITELLM_CONFIG } from '../../model/litellm-files.ts';
import { LOOPBACK, sparedHosts } from '../../model/no-proxy.ts';
import { DATABASE, PROXY } from '../../model/service.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import { allowedOrigins } from '../../model/web-origins.ts';
import { DATABASE_NAME, OWNER } from '../postgres-tools.ts';
import type { NativePaths } from './folders/native-paths.ts';
import type { Environment } from './install/install-steps.ts';
import { postgres } from './postgres/postgres-argv.ts';
import type { UserIds } from './proxy-user.ts';
import { recordFile } from './supervisor/service-record.ts';
import { STOP_WITHIN_MS } from './supervisor/stop-service.ts';
import type { SupervisedService } from './supervisor/supervised-service.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface NativeServiceOptions {
  readonly spec: StackSpec;
  readonly paths: NativePaths;
  readonly environment: Environment;
  readonly programs: string;
  readonly node: string;
  /** The user's environment, of which little is passed on. */
  readonly env: Env;
  /** What `.env` holds. */
  readonly secrets: Env;
  /** The variables that the user gives the gateway, and the folder with the files that they name. */
  readonly variables: readonly GatewayVariable[];
  readonly gatewayFiles: string;
  /** The port of PostgreSQL. */
  readonly databasePort: number;
  readonly runAs: UserIds | undefined;
  /** The user of LiteLLM and its query engine; our own user if undefined. */
  readonly proxyAs?: UserIds | undefined;
}

/** The version of PostgreSQL in the wheel that the lock files name. */
const POSTGRES_VERSION = '16.14';
/** The variables of the user that the gateway inherits: those for network access. A container would have no others either. */
const INHERITED = [
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE', 'TMPDIR'],
];

const withHash = (service: Omit<SupervisedService, 'configuration'>): SupervisedService => ({
  ...service,
  configuration: createHash('sha256').update(JSON.stringify(service)).digest('hex'),
});

export function databaseService({ spec, paths, environment, databasePort, runAs }: NativeServiceOptions) {
  const { data, sockets, dataParent, logs, folder } = paths;
  const command = postgres(environment.postgresBin, data, { port: databasePort, sockets });
  return withHash({
    ...command,
    service: DATABASE,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    cwd: dataParent,
    user: runAs,
    stopSignal: 'SIGINT',
    stopWithin: STOP_WITHIN_MS[DATABASE],
    log: join(logs, `${DATABASE}.log`),
    record: recordFile(folder, DATABASE),
    workers: { folder: data, title: 'postgres: ' },
    image: spec.databaseImage,
    version: POSTGRES_VERSION,
    published: null,
  });
}

/** Has the environment of docker-compose.yml, and the variables that our two Prisma programs need. */
export function proxyService(options: NativeServiceOptions): SupervisedService {
  const { spec, paths, environment, programs } = options;
  const configArguments = spec.litellm ? ['--config', join(paths.litellmFiles, spec.litellm.hash, LITELLM_CONFIG)] : [];
  const args = [join(programs, 'run_proxy.py'), '--host', spec.bind, '--port', String(spec.port), ...configArguments];
  return withHash({
    service: PROXY,
    ...asProxyUser({ file: environment.python, args }, options),
    env: {
      ...fromUser(options.env),
      ...proxyEnvironment(options),
      ...environmentValues(options.variables, placeOf({ home: paths.home, gatewayFiles: options.gatewayFiles })),
    },
    cwd: paths.home,
    stopSignal: 'SIGTERM',
    stopWithin: STOP_WITHIN_MS[PROXY],
    log: join(paths.logs, `${PROXY}.log`),
    record: recordFile(paths.folder, PROXY),
    image: spec.image,
    version: spec.image.split('==')[1] ?? null,
    published: { bind: spec.bind, port: spec.port },
    corsOrigins: allowedOrigins(spec),
    revision: nativeRevision(spec, options.variables),
  });
}

/** The gateway writes the certificates that it trusts, and can only write to its own folder. */
function placeOf({ home, gatewayFiles }: GatewayFolders): GatewayPlace {
  return { files: gatewayFiles, spared: LOOPBACK, certificates: join(home, 'agents-llm-ca.pem'), isNative: true };
}

type GatewayFolders = Pick<NativePaths, 'home'> & Pick<NativeServiceOptions, 'gatewayFiles'>;

/** Changes whenever the gateway must be started differently. */
export function nativeRevision({ fastStart, litellm }: StackSpec, variables: readonly GatewayVariable[]): string {
  const variableValues = [
    environmentValues(variables, { files: '', spared: [], certificates: '', isNative: true }),
    ...environmentFiles(variables),
  ];
  return [
    fastStart === false ? 'plain' : 'fast-1',
    ...(litellm ? [litellm.hash] : []),
    ...(variables.length > 0
      ? [createHash('sha256').update(JSON.stringify(variableValues)).digest('hex').slice(0, 12)]
      : []),
  ].join('-');
}

/** The lowest port that programs of ordinary users may listen on. */
const FIRST_UNPRIVILEGED_PORT = 1024;

/** Uses `setpriv` if the user needs a capability: to listen on a port below 1024. */
function asProxyUser(command: Command, { spec, proxyAs }: NativeServiceOptions) {
  if (!proxyAs || spec.port >= FIRST_UNPRIVILEGED_PORT) return { ...command, user: proxyAs };
  const right = '-all,+net_bind_service';
  const user = [`--reuid=${proxyAs.uid}`, `--regid=${proxyAs.gid}`, '--clear-groups', '--no-new-privs'];
  const rights = [`--inh-caps=${right}`, `--ambient-caps=${right}`, `--bounding-set=${right}`];
  return { file: 'setpriv', args: [...user, ...rights, '--', command.file, ...command.args] };
}

function proxyEnvironment(options: NativeServiceOptions) {
  const { spec, paths, environment, programs, node, secrets, databasePort, proxyAs } = options;
  const secret = (name: string) => secrets[name] ?? '';
  const password = encodeURIComponent(secret('POSTGRES_PASSWORD'));
  return {
    PATH: [join(programs, 'bin'), environment.bin, '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
    HOME: paths.home,
    // Its user has no name, but some modules need one.
    ...(proxyAs && { USER: 'litellm', LOGNAME: 'litellm' }),
    LANG: 'C.UTF-8',
    AGENTS_LLM_DATABASE_READY: paths.databaseReady,
    AGENTS_LLM_FAST_START: spec.fastStart === false ? '0' : '1',
    PYTHONUNBUFFERED: '1',
    PYTHONNOUSERSITE: '1',
    // Otherwise LiteLLM loads the next `.env` file above its own files, which may be anyone's. The second is for other modules.
    LITELLM_MODE: 'PRODUCTION',
    PYTHON_DOTENV_DISABLED: '1',
    // If host and port are separate variables, LiteLLM ignores the port.
    DATABASE_URL: `postgresql://${OWNER}:${password}@127.0.0.1:${databasePort}/${DATABASE_NAME}`,
    LITELLM_MASTER_KEY: secret('LITELLM_MASTER_KEY'),
    LITELLM_SALT_KEY: secret('LITELLM_SALT_KEY'),
    UI_USERNAME: secret('UI_USERNAME') || 'admin',
    UI_PASSWORD: secret('UI_PASSWORD'),
    LITELLM_CORS_ORIGINS: allowedOrigins(spec),
    LITELLM_CORS_ALLOW_CREDENTIALS: 'False',
    STORE_MODEL_IN_DB: 'True',
    LITELLM_LOCAL_MODEL_COST_MAP: 'True',
    PROXY_BATCH_WRITE_AT: '2',
    // The installation is shared, so we may have no permission to write to it.
    LITELLM_MIGRATION_DIR: paths.migrations,
    PRISMA_QUERY_ENGINE_BINARY: join(programs, 'bin', 'query-engine'),
    AGENTS_LLM_NODE: node,
  };
}

const fromUser = (env: Env) => ({ ...inherited(env), ...withoutProxies(env) });

/** The part of the gateway's environment that affects its connections to providers. */
export function networkEnvironment(
  env: Env,
  variables: readonly GatewayVariable[],
  folders: GatewayFolders,
): Readonly<Record<string, string>> {
  return { ...fromUser(env), ...environmentValues(variables, placeOf(folders)) };
}

function inherited(env: Env): Record<string, string> {
  return Object.fromEntries(INHERITED.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

/** Otherwise Python would use the user's HTTP proxy, or macOS's, for connections on loopback. */
function withoutProxies(env: Env): Record<'NO_PROXY' | 'no_proxy', string> {
  const value = sparedHosts(env.no_proxy || env.NO_PROXY, LOOPBACK);
  return { NO_PROXY: value, no_proxy: value };
}
