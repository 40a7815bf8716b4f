import type { Progress } from '../io/progress.ts';
import type { LogLine, LogQuery, ServiceName, ServiceState, StackSpec } from '../service.ts';

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

/** One way to run the stack. All of it throws CliError, and the reason of the signal it was made with when that is aborted. */
export interface Runtime {
  readonly kind: 'docker';
  /** The engine's address, without asking it anything. */
  endpoint(): Promise<string>;
  /** Checks everything that must be there before a stack can start, and says which engine it is. */
  preflight(): Promise<EngineIdentity>;
  /** The services of the project that exist, in starting order; empty when there are none. */
  services(): Promise<readonly ServiceState[]>;
  inventory(): Promise<Inventory>;
  /** Whether the volume with the database's files exists. */
  hasData(): Promise<boolean>;
  /** Who holds a port on this host, in words (`container web of project shop`), as far as the runtime can see. */
  portHolder(port: number): Promise<string | undefined>;
  /** Fetches what the stack needs, one phase an image. */
  prepare(spec: StackSpec, policy: PullPolicy, progress: Progress): Promise<void>;
  /** Creates and starts what is not running; `recreate` names services that get a new container in any case. */
  start(
    spec: StackSpec,
    options: { readonly recreate: readonly ServiceName[]; readonly signal: AbortSignal },
  ): Promise<void>;
  /** The commands that `prepare` and `start` would run, for `--dry-run`. */
  plan(spec: StackSpec, policy: PullPolicy): readonly string[];
  /** Stops the services and keeps everything. */
  stop(): Promise<void>;
  /** Removes containers, networks and, with `volumes`, the data. */
  remove(options: { readonly volumes: boolean }): Promise<void>;
  logs(query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine>;
}
