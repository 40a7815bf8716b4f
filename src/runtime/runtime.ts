import type { Progress } from '../io/terminal/progress.ts';
import type { Secret } from '../model/secret.ts';
import type { LogLine, LogQuery, RuntimeKind, ServiceName, ServiceState } from '../model/service.ts';
import type { StackSpec } from '../model/stack-spec.ts';
import type { PortHolder } from './port-holder.ts';
import type { ReachedHost } from './reach-hosts.ts';

export type PullPolicy = 'missing' | 'always' | 'never';

/** Where a stack runs. It is saved in the state, to tell "not running" from "another engine". */
export interface EngineIdentity {
  /** As `DOCKER_HOST` would name it, e.g. `unix:///var/run/docker.sock`. */
  readonly endpoint: string;
  /** The engine's own id: equal for two addresses of one engine. */
  readonly id: string;
}

/** What a stack consists of at this moment, by the runtime's names. */
export interface Inventory {
  readonly containers: readonly string[];
  readonly volumes: readonly string[];
  readonly networks: readonly string[];
}

/** Where the database keeps its files. */
export interface DataPlace {
  /** The stack's own volume; null when there is none. */
  readonly volume: string | null;
  /**
   * What is mounted at the database's data directory: a volume's name, which may be generated, or a path on the host. Null if
   * there is no container or no mount.
   */
  readonly mounted: string | null;
  /** Descriptions of other projects' containers that have the volume mounted. */
  readonly sharedWith: readonly string[];
  /** The database is external, so the place of its files is unknown. */
  readonly external?: true;
}

/** Shown in place of the volume of an external database. */
export const EXTERNAL_DATABASE = 'external database';

/** The stack's PostgreSQL, which must be running. Everything runs with LiteLLM's own rights unless stated otherwise. */
export interface Database {
  /**
   * Runs SQL and returns what it selects, one line per row. Stops at the first error. It goes through stdin, so it may contain
   * secrets.
   */
  sql(script: string, database?: string): Promise<string>;
  /** Like `sql`, as the superuser and in a database that LiteLLM cannot write to: for roles and for whole databases. */
  administer(script: string): Promise<string>;
  /**
   * Writes an archive of `pg_dump -Fc` into an existing file. Omits the rows of tables that match a pattern in `withoutRows`.
   */
  dump(file: string, withoutRows?: readonly string[]): Promise<void>;
  /** Whether a file is an archive whose table of contents can be read. */
  isArchive(file: string): Promise<boolean>;
  /** Fills an empty database from an archive in one transaction. */
  restore(file: string, database: string): Promise<void>;
}

export interface ExternalDatabases {
  /** A database at a URL, reached with the client programs of an image. */
  at(url: Secret, image: string): Database;
  /** The names of the migrations in an image of LiteLLM. */
  migrationsOf(image: string): Promise<readonly string[]>;
}

/** A runtime of the stack. Its functions throw `CliError`, or the reason of their signal once it is aborted. */
export interface StartSelection {
  /** Services that get a new container in any case. */
  readonly recreate: readonly ServiceName[];
  /** The services that are started; all if missing. */
  readonly only?: readonly ServiceName[];
  readonly signal: AbortSignal;
}

export interface Runtime {
  readonly kind: RuntimeKind;
  /** The images of a new stack. */
  readonly defaults: Pick<StackSpec, 'image' | 'databaseImage'>;
  /** The words for what `inventory` lists, for messages. */
  readonly words: { readonly container: string; readonly volume: string };
  /** Facts about the machine, for `doctor`. */
  readonly facts: RuntimeFacts;
  /** The engine's address; does not contact the engine. */
  endpoint(): Promise<string>;
  /** Checks all prerequisites of a start and identifies the engine. */
  preflight(): Promise<EngineIdentity>;
  /** The existing services of the project, in starting order. */
  services(): Promise<readonly ServiceState[]>;
  /** The bytes that each running service uses, if that can be measured quickly. */
  memory(services: readonly ServiceState[]): Promise<Readonly<Partial<Record<ServiceName, number>>>>;
  inventory(): Promise<Inventory>;
  dataPlace(): Promise<DataPlace>;
  readonly database: Database;
  /** External databases; missing if the runtime does not support them. */
  readonly external?: ExternalDatabases;
  /** Who holds a port of this machine; undefined if that is unknown. */
  portHolder(port: number): Promise<PortHolder | undefined>;
  /** The current digest of each local image of the spec, by its reference. */
  imageDigests(spec: StackSpec): Promise<Readonly<Record<string, string>>>;
  /** The version of LiteLLM inside a local image; undefined if it is unknown. */
  imageVersion(image: string): Promise<string | undefined>;
  /** Downloads what the stack needs, with one progress phase per image. */
  prepare(spec: StackSpec, policy: PullPolicy, progress: Progress): Promise<void>;
  /** Creates and starts what is not running. */
  start(spec: StackSpec, selection: StartSelection): Promise<void>;
  /** The `ServiceState.revision` of a gateway that this version of agents-llm starts. */
  revision?(spec: StackSpec): Promise<string>;
  /** The commands that `prepare` and `start` would run, for `--dry-run`. */
  plan(spec: StackSpec, policy: PullPolicy): Promise<readonly string[]>;
  /** Stops these services (default: all) and keeps their data. */
  stop(services?: readonly ServiceName[]): Promise<void>;
  /** Removes containers, networks and, with `volumes`, the data. */
  remove(options: { readonly volumes: boolean }): Promise<void>;
  /** Why the engine restarted a service, as a sentence; empty if unknown, missing if the runtime cannot know. */
  causeOfRestart?(service: ServiceState): Promise<string>;
  /** Asks hosts for a TLS handshake from where the gateway runs; it must be running. */
  reachHosts(urls: readonly string[]): Promise<readonly ReachedHost[]>;
  logs(query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine>;
}

/** Facts about the machine of a runtime. Each is looked up separately and throws a `CliError` if something is wrong. */
export type RuntimeFacts = DockerFacts | NativeFacts;

export interface DockerFacts {
  readonly kind: 'docker';
  /** The version of the docker command. */
  cliVersion(): Promise<string>;
  composeVersion(): Promise<string>;
  engine(): Promise<EngineFacts>;
}

export interface EngineFacts extends EngineIdentity {
  readonly product: 'Docker' | 'Podman';
  readonly version: string;
  /** In bytes; 0 if unknown. */
  readonly memory: number;
  /** The engine's clock when it answered, in milliseconds since the epoch; null if unknown. */
  readonly time: number | null;
  /** The folder on the engine's machine with images and volumes; empty if unknown. */
  readonly storage: string;
}

export interface NativeFacts {
  readonly kind: 'native';
  /** The Python that LiteLLM is installed with, or would be installed with. */
  python(): Promise<{ readonly executable: string; readonly version: string }>;
  /** PostgreSQL's data directory, if it is usable; undefined before the first start. */
  dataFolder(): Promise<{ readonly path: string; readonly mode: number } | undefined>;
}
