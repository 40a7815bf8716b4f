import type { Progress } from '../io/terminal/progress.ts';
import type { Secret } from '../model/secret.ts';
import type { LogLine, LogQuery, RuntimeKind, ServiceName, ServiceState } from '../model/service.ts';
import type { StackSpec } from '../model/stack-spec.ts';
import type { PortHolder } from './port-holder.ts';
import type { ReachedHost } from './reach-hosts.ts';

export type PullPolicy = 'missing' | 'always' | 'never';

/** Where a stack runs: written into its state, so that "not running" can be told from "another engine". */
export interface EngineIdentity {
  /** As `DOCKER_HOST` would name it, e.g. `unix:///var/run/docker.sock`. */
  readonly endpoint: string;
  /** The engine's own id: equal for two addresses of one engine. */
  readonly id: string;
}

/** What a stack consists of at this moment, by the names that the runtime gives it. */
export interface Inventory {
  readonly containers: readonly string[];
  readonly volumes: readonly string[];
  readonly networks: readonly string[];
}

/** Where the database keeps its files. */
export interface DataPlace {
  /** The stack's own volume; null when there is none. */
  readonly volume: string | null;
  /** What lies where the database's container has its data: the volume's name, the host's path, or a name that the engine made up. Null when there is no container, or nothing is mounted. */
  readonly mounted: string | null;
  /** Containers of others that have the volume mounted, in words. */
  readonly sharedWith: readonly string[];
  /** The database is not the stack's own, and where it keeps its files cannot be seen. */
  readonly external?: true;
}

/** What stands for the volume of a database that is not the stack's own. */
export const EXTERNAL_DATABASE = 'external database';

/** The stack's PostgreSQL. All of it wants the database running, and is done with LiteLLM's own rights unless it says else. */
export interface Database {
  /** Runs SQL, which goes by stdin and may hold secrets, and returns what it selects, a line a row. Stops at the first error. */
  sql(script: string, database?: string): Promise<string>;
  /** The same with all rights, from a database that LiteLLM cannot write to: for roles, and for databases as wholes. */
  administer(script: string): Promise<string>;
  /**
   * Writes an archive of `pg_dump -Fc` into a file that exists. Of tables that fit one of the patterns of `withoutRows` it has
   * no rows.
   */
  dump(file: string, withoutRows?: readonly string[]): Promise<void>;
  /** Whether a file is a whole archive: its table of contents can be read. */
  isArchive(file: string): Promise<boolean>;
  /** Fills an empty database from an archive, in one transaction. */
  restore(file: string, database: string): Promise<void>;
}

export interface ExternalDatabases {
  /** One of them, reached with the client programs of an image. */
  at(url: Secret, image: string): Database;
  /** The names of the migrations that an image of LiteLLM brings. */
  migrationsOf(image: string): Promise<readonly string[]>;
}

/** One runtime for the stack. All of it throws CliError, and the reason of the signal it was made with when that is aborted. */
export interface Runtime {
  readonly kind: RuntimeKind;
  /** What a new stack is made of. */
  readonly defaults: Pick<StackSpec, 'image' | 'databaseImage'>;
  /** How it calls what `inventory` names, for people. */
  readonly words: { readonly container: string; readonly volume: string };
  /** What it needs of its machine, piece by piece. */
  readonly facts: RuntimeFacts;
  /** The engine's address, without asking it anything. */
  endpoint(): Promise<string>;
  /** Checks everything that must be there before a stack can start, and says which engine it is. */
  preflight(): Promise<EngineIdentity>;
  /** The services of the project that exist, in starting order; empty when there are none. */
  services(): Promise<readonly ServiceState[]>;
  /** Bytes that each of these uses, where it runs and that can be told quickly. */
  memory(services: readonly ServiceState[]): Promise<Readonly<Partial<Record<ServiceName, number>>>>;
  inventory(): Promise<Inventory>;
  dataPlace(): Promise<DataPlace>;
  readonly database: Database;
  /** For databases that are not the stack's own; missing where there can be none. */
  readonly external?: ExternalDatabases;
  /** Who holds a port of this machine, as far as that can be seen. */
  portHolder(port: number): Promise<PortHolder | undefined>;
  /** The content that each image of the spec means by now, by its reference; those that are not there are left out. */
  imageDigests(spec: StackSpec): Promise<Readonly<Record<string, string>>>;
  /** The version of LiteLLM inside a local image; undefined if it is unknown. */
  imageVersion(image: string): Promise<string | undefined>;
  /** Fetches what the stack needs, one phase an image. */
  prepare(spec: StackSpec, policy: PullPolicy, progress: Progress): Promise<void>;
  /**
   * Creates and starts what is not running; `recreate` names services that get a new container in any case, `only` those
   * that are started, all of them when left out.
   */
  start(
    spec: StackSpec,
    options: {
      readonly recreate: readonly ServiceName[];
      readonly only?: readonly ServiceName[];
      readonly signal: AbortSignal;
    },
  ): Promise<void>;
  /** What `ServiceState.revision` of the proxy is when this version of agents-llm has started it; missing where there is none. */
  revision?(spec: StackSpec): Promise<string>;
  /** The commands that `prepare` and `start` would run, for `--dry-run`. */
  plan(spec: StackSpec, policy: PullPolicy): Promise<readonly string[]>;
  /** Stops these services, all of them when left out, and keeps everything. */
  stop(services?: readonly ServiceName[]): Promise<void>;
  /** Removes containers, networks and, with `volumes`, the data. */
  remove(options: { readonly volumes: boolean }): Promise<void>;
  /** Why the engine started a service again, in words; empty where it does not tell, missing where nothing can. */
  causeOfRestart?(service: ServiceState): Promise<string>;
  /** Asks hosts for a TLS handshake from where the gateway is, which has to run. */
  reachHosts(urls: readonly string[]): Promise<readonly ReachedHost[]>;
  logs(query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine>;
}

/** What a runtime needs of its machine. Each is looked up by itself, and throws the CliError that says what is wrong. */
export type RuntimeFacts = DockerFacts | NativeFacts;

export interface DockerFacts {
  readonly kind: 'docker';
  /** Of the docker command. */
  cliVersion(): Promise<string>;
  composeVersion(): Promise<string>;
  engine(): Promise<EngineFacts>;
}

export interface EngineFacts extends EngineIdentity {
  readonly product: 'Docker' | 'Podman';
  readonly version: string;
  /** Bytes; 0 when it does not say. */
  readonly memory: number;
  /** Its clock at the moment of the answer, in milliseconds since the epoch; null when it does not say. */
  readonly now: number | null;
  /** The folder on its machine that holds images and volumes; empty when it does not say. */
  readonly storage: string;
}

export interface NativeFacts {
  readonly kind: 'native';
  /** The Python that LiteLLM is installed with, or the one that it would be installed with. */
  python(): Promise<{ readonly executable: string; readonly version: string }>;
  /** PostgreSQL's data directory, which it can use; undefined before the first start. */
  dataFolder(): Promise<{ readonly path: string; readonly mode: number } | undefined>;
}
