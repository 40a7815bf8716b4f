import { join } from 'node:path';
import type { Clock } from '../../io/clock.ts';
import type { Files } from '../../io/files/files.ts';
import type { Ports } from '../../io/network/ports.ts';
import type { Daemons } from '../../io/processes/daemons.ts';
import type { Processes } from '../../io/processes/processes.ts';
import type { Runner } from '../../io/processes/runner.ts';
import { CliError } from '../../model/errors.ts';
import type { GatewayVariable } from '../../model/gateway-environment.ts';
import { secretsInvalid, secretsMissing } from '../../model/secrets-errors.ts';
import { DATABASE, PROXY, SERVICES, type ServiceName, type ServiceState } from '../../model/service.ts';
import type { StackSpec } from '../../model/stack-spec.ts';
import { parseDotenv } from '../../text/dotenv.ts';
import { settleDatabaseRoles } from '../database-roles.ts';
import { scriptRunner } from '../postgres-tools.ts';
import type { StartSelection } from '../runtime.ts';
import { settleLitellmFiles } from './folders/litellm-folder.ts';
import type { NativePaths } from './folders/native-paths.ts';
import { settlePrograms } from './folders/programs-folder.ts';
import { settleProxyPlace } from './folders/proxy-place.ts';
import type { Environment } from './install/install-steps.ts';
import { databaseService, proxyService } from './native-services.ts';
import { ensureDataFolder, requireUsableData } from './postgres/data-folder.ts';
import { databasePort } from './postgres/database-port.ts';
import { databaseUser, otherUser } from './postgres/database-user.ts';
import { nativePostgresTools } from './postgres/native-database.ts';
import { parsePostmasterPid } from './postgres/postmaster-pid.ts';
import { isOutdated, livenessOf, readRecord } from './supervisor/service-record.ts';
import { type StopOptions, stopService } from './supervisor/stop-service.ts';
import type { SupervisedService } from './supervisor/supervised-service.ts';

export interface StartNativeOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number | undefined;
  readonly paths: NativePaths;
  readonly secretsFile: string;
  /** The project's copy of LiteLLM's own configuration. */
  readonly litellmFiles: string;
  readonly variables: readonly GatewayVariable[];
  /** The folder for the files that they name. */
  readonly gatewayFiles: string;
  readonly programs: string;
  readonly node: string;
  readonly environment: Environment;
  readonly files: Files;
  readonly runner: Runner;
  readonly processes: Processes;
  readonly daemons: Daemons;
  readonly ports: Ports;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly services: () => Promise<readonly ServiceState[]>;
  readonly stopOptions: StopOptions;
}

const POLL_MS = 50;
/** A supervisor first ends what an earlier service left behind. */
const START_TIMEOUT_MS = 30_000;

/**
 * Starts the database, and the gateway, which uses the database once it accepts connections and its roles are settled. If both
 * are to be started, the gateway loads its modules meanwhile. Services that run as wanted are kept.
 */
export async function startNativeStack(
  spec: StackSpec,
  selection: StartSelection,
  options: StartNativeOptions,
): Promise<void> {
  const start = await prepareStart(spec, selection, options);
  selection.signal.throwIfAborted();
  if (!wantedOf(selection).includes(PROXY)) return start.database();
  if (await startsBoth(selection, options)) return startTogether(start, options);
  await start.database();
  await letGatewayUseDatabase(options);
  selection.signal.throwIfAborted();
  await start.gateway();
}

interface Start {
  /** Resolves when the database accepts connections and its roles are settled. */
  readonly database: () => Promise<void>;
  readonly gateway: () => Promise<void>;
}

/** Makes what both services need. Refuses data that the database cannot use. */
async function prepareStart(spec: StackSpec, selection: StartSelection, options: StartNativeOptions): Promise<Start> {
  const { paths, files, uid, environment } = options;
  const secrets = await readSecretValues(options);
  const owner = { ...options, data: paths.data };
  const user = await databaseUser(owner, uid);
  const runAs = await otherUser(owner, uid);
  await requireUsableData(paths.data, files, user);
  for (const folder of [paths.folder, paths.logs]) await files.makeOwnFolder(folder);
  const programs = await settlePrograms(options.programs, paths.installs, files);
  const place = wantedOf(selection).includes(PROXY) && (await settleProxyPlace(options));
  if (place) await settleLitellmFiles(spec, options);
  const services = { ...options, spec, secrets, runAs, programs, ...place, databasePort: await databasePort(options) };
  return {
    async database() {
      const { postgresBin } = environment;
      await ensureDataFolder(secrets.POSTGRES_PASSWORD ?? '', { ...options, user, runAs, postgresBin });
      if (!wantedOf(selection).includes(DATABASE)) return;
      await startService(databaseService(services), selection, options);
      await waitForConnections(selection.signal, options);
      await settleRoles(selection.signal, options);
    },
    gateway: () => startService(proxyService(services), selection, options),
  };
}

const wantedOf = ({ only }: StartSelection): readonly ServiceName[] => only ?? SERVICES;

async function startTogether(start: Start, options: StartNativeOptions): Promise<void> {
  const { paths, files, stopOptions } = options;
  // Otherwise it would lose its database and log errors.
  await stopService(PROXY, stopOptions);
  await files.remove(paths.databaseReady);
  await start.gateway();
  try {
    await start.database();
  } catch (error) {
    // It would wait for the database forever. If it cannot be stopped, the first error matters more.
    await stopService(PROXY, stopOptions).catch(() => undefined);
    throw error;
  }
  await letGatewayUseDatabase(options);
}

/** `run_proxy.py` looks for this file before it calls LiteLLM's command. */
const letGatewayUseDatabase = ({ files, paths }: StartNativeOptions) => files.write(paths.databaseReady, '', 0o644);

/** Whether neither of the two services, if they are as wanted, keeps running. */
async function startsBoth({ only, recreate }: StartSelection, { services }: StartNativeOptions): Promise<boolean> {
  if (only) return false;
  const found = await services();
  const isStarted = (service: ServiceName) =>
    recreate.includes(service) || !found.some((one) => one.service === service && one.status === 'running');
  return SERVICES.every(isStarted);
}

async function settleRoles(signal: AbortSignal, options: StartNativeOptions): Promise<void> {
  const { paths, environment, clock } = options;
  const tools = nativePostgresTools({ ...options, data: paths.data, environment: async () => environment });
  await settleDatabaseRoles(scriptRunner({ clock, signal }, tools));
}

async function readSecretValues({ files, secretsFile }: StartNativeOptions): Promise<Readonly<Record<string, string>>> {
  const text = await files.read(secretsFile);
  if (text === undefined) throw secretsMissing(secretsFile);
  const dotenv = parseDotenv(text);
  if (!dotenv.ok) throw secretsInvalid(secretsFile, `line ${dotenv.line} ${dotenv.problem}`, { line: dotenv.line });
  return Object.fromEntries(dotenv.values);
}

async function startService(
  wanted: SupervisedService,
  selection: StartSelection,
  options: StartNativeOptions,
): Promise<void> {
  const { paths, files, processes, daemons, node } = options;
  const { service } = wanted;
  const record = await readRecord(files, paths.folder, service);
  const liveness = record && (await livenessOf(record, processes));
  const isSame = record?.configuration === wanted.configuration && !isOutdated(record);
  const isAsWanted = isSame && liveness?.supervised && record.status === 'running';
  if (isAsWanted && !selection.recreate.includes(service)) return;
  await stopService(service, options.stopOptions);
  const staleFiles = service === DATABASE ? await staleLocks(record?.child?.pid, options) : [];
  const supervisor = join(await settlePrograms(options.programs, paths.installs, files), 'supervisor.js');
  try {
    await daemons.start(
      { file: node, args: [supervisor] },
      {
        env: { PATH: '/usr/bin:/bin' },
        cwd: paths.folder,
        stdin: JSON.stringify({ ...wanted, staleFiles }),
        timeoutMs: START_TIMEOUT_MS,
        signal: selection.signal,
      },
    );
  } catch (cause) {
    selection.signal.throwIfAborted();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('service_failed', `Cannot start the supervisor of ${service}: ${why}`, {
      hint: `Run the same command again (the programs are in ${paths.installs})`,
      details: { service },
      cause,
    });
  }
}

/**
 * After a reboot, another process may have the id in `postmaster.pid`, and PostgreSQL would not start. The file is stale if it
 * names the process that we started and that has ended; PostgreSQL's shared memory check still protects the data. The socket
 * has such a file too.
 */
async function staleLocks(pid: number | undefined, { paths, files }: StartNativeOptions): Promise<string[]> {
  const path = join(paths.data, 'postmaster.pid');
  const server = parsePostmasterPid((await files.read(path)) ?? '');
  if (pid === undefined || server?.pid !== pid) return [];
  return [path, join(paths.sockets, `.s.PGSQL.${server.port}.lock`)];
}

/**
 * Fails early if the database ends or keeps restarting; the caller finds the cause in its log. Earlier restarts do not count,
 * and one more is tolerated, because remains of an earlier server can hold its shared memory for a moment.
 */
async function waitForConnections(signal: AbortSignal, { clock, services }: StartNativeOptions): Promise<void> {
  let initialRestarts: number | undefined;
  for (;;) {
    const database = (await services()).find(({ service }) => service === DATABASE);
    initialRestarts ??= database?.restarts ?? 0;
    if (database?.status === 'running' && database.health === 'healthy') return;
    if (!database || database.status === 'exited' || database.restarts > initialRestarts + 1) {
      throw new CliError('service_failed', 'The database did not start', {
        hint: `See its log: agents-llm logs ${DATABASE}`,
        details: { service: DATABASE, exitCode: database?.exitCode ?? null },
      });
    }
    await clock.sleep(POLL_MS, signal);
  }
}
