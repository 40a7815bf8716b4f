import type { Clock } from '../io/clock.ts';
import type { Files } from '../io/files/files.ts';
import type { Connection } from '../io/network/connection.ts';
import type { Http } from '../io/network/http.ts';
import type { Ports } from '../io/network/ports.ts';
import type { Processes } from '../io/processes/processes.ts';
import type { Runner } from '../io/processes/runner.ts';
import type { ProjectPaths } from '../model/paths.ts';
import type { RuntimeKind, ServiceState } from '../model/service.ts';

/** Who accepted a connection to the address of a stack's gateway. */
export type Responder =
  | { readonly who: 'proxy' }
  /** The gateway exists, but this service of the stack is paused, so no answer would come. */
  | { readonly who: 'paused'; readonly service: ServiceState }
  /** The connection was closed. */
  | { readonly who: 'gone' }
  | { readonly who: 'other' };

export type FindResponder = (connection: Connection, signal: AbortSignal) => Promise<Responder>;

/** A stack whose gateway must be told apart from any other program at its address. */
export interface OwnStack {
  readonly kind: RuntimeKind;
  readonly project: string;
  readonly paths: ProjectPaths;
  readonly bind: string;
  readonly port: number;
  /** The engine that it was created on, which may differ from the one that the environment selects. */
  readonly endpoint?: string | undefined;
  /** Its services, if they have just been looked up. */
  readonly seen?: readonly ServiceState[] | undefined;
}

/** What identifying the responder needs of this machine. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  readonly uid: number | undefined;
  readonly clock: Clock;
  readonly files: Files;
  readonly http: Http;
  readonly runner: Runner;
  readonly ports: Ports;
  readonly processes: Processes;
}
