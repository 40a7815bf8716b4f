import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Command } from '../../io/processes/runner.ts';
import { environmentFiles, environmentValues, type GatewayVariable } from '../../model/gateway-environment.ts';
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
  /** The user's, of which little is passed on. */
  readonly env: Env;
  /** What `.env` holds. */
  readonly secrets: Env;
  /** What the user gives the proxy, and where it finds the files that are named there. */
  readonly variables: readonly GatewayVariable[];
  readonly gatewayFiles: string;
  /** PostgreSQL's. */
  readonly databasePort: number;
  readonly runAs: UserIds | undefined;
  /** LiteLLM's and its query engine's; our own user when left out. */
  readonly proxyAs?: UserIds | undefined;
}

/** PostgreSQL's own version in the wheel that the lock files name. */
const POSTGRES_VERSION = '16.14';
/** What a container would not have either, but for the way to the outside. */
const PASSED_ON = [
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

/** With the environment of docker-compose.yml, and what the two Prisma programs of ours need. */
export function proxyService(options: NativeServiceOptions): SupervisedService {
  const { spec, paths, environment, programs } = options;
  const own = spec.litellm ? ['--config', join(paths.litellmFiles, spec.litellm.hash, LITELLM_CONFIG)] : [];
  const args = [join(programs, 'run_proxy.py'), '--host', spec.bind, '--port', String(spec.port), ...own];
  return withHash({
    service: PROXY,
    ...asProxyUser({ file: environment.python, args }, options),
    env: {
      ...fromUser(options.env),
      ...proxyEnvironment(options),
      ...environmentValues(options.variables, {
        files: options.gatewayFiles,
        spared: LOOPBACK,
        certificates: certificatesIn(paths),
      }),
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

/** Where it writes the certificates that it trusts: its own folder is the one place. */
const certificatesIn = ({ home }: Pick<NativePaths, 'home'>) => join(home, 'agents-llm-ca.pem');

/** Changes whenever the proxy is to be started in another way. */
export function nativeRevision({ fastStart, litellm }: StackSpec, variables: readonly GatewayVariable[]): string {
  const given = [
    environmentValues(variables, { files: '', spared: [], certificates: '' }),
    ...environmentFiles(variables),
  ];
  return [
    fastStart === false ? 'plain' : 'fast-1',
    ...(litellm ? [litellm.hash] : []),
    ...(variables.length > 0 ? [createHash('sha256').update(JSON.stringify(given)).digest('hex').slice(0, 12)] : []),
  ].join('-');
}

/** Below this the port of a program that is not root's. */
const FIRST_OPEN_PORT = 1024;

/** By `setpriv` where the user needs a right of root's besides: to listen on a port below 1024. */
function asProxyUser(command: Command, { spec, proxyAs }: NativeServiceOptions) {
  if (!proxyAs || spec.port >= FIRST_OPEN_PORT) return { ...command, user: proxyAs };
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
    // Its user has no name, which some modules ask for.
    ...(proxyAs && { USER: 'litellm', LOGNAME: 'litellm' }),
    LANG: 'C.UTF-8',
    AGENTS_LLM_FAST_START: spec.fastStart === false ? '0' : '1',
    PYTHONUNBUFFERED: '1',
    PYTHONNOUSERSITE: '1',
    // Else LiteLLM takes up the next `.env` above its own files, which may be anyone's; the second is for all other modules.
    LITELLM_MODE: 'PRODUCTION',
    PYTHON_DOTENV_DISABLED: '1',
    // Of host and port apart LiteLLM forgets the port.
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

const fromUser = (env: Env) => ({ ...passedOn(env), ...sparedOfProxies(env) });

/** The part of its environment that leads the proxy to providers. */
export function wayOut(
  env: Env,
  variables: readonly GatewayVariable[],
  { home, gatewayFiles }: Pick<NativePaths, 'home'> & Pick<NativeServiceOptions, 'gatewayFiles'>,
): Readonly<Record<string, string>> {
  const place = { files: gatewayFiles, spared: LOOPBACK, certificates: certificatesIn({ home }) };
  return { ...fromUser(env), ...environmentValues(variables, place) };
}

function passedOn(env: Env): Record<string, string> {
  return Object.fromEntries(PASSED_ON.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

/** Python would ask the query engine, which is on loopback, through the user's proxy, and on macOS through the system's. */
function sparedOfProxies(env: Env): Record<'NO_PROXY' | 'no_proxy', string> {
  const value = sparedHosts(env.no_proxy || env.NO_PROXY, LOOPBACK);
  return { NO_PROXY: value, no_proxy: value };
}
