import type { Clock } from '../io/clock.ts';
import type { Files } from '../io/files/files.ts';
import type { Connection } from '../io/network/connection.ts';
import type { Http } from '../io/network/http.ts';
import type { Ports } from '../io/network/ports.ts';
import type { Processes } from '../io/processes/processes.ts';
import type { Runner } from '../io/processes/runner.ts';
import type { ProjectPaths } from '../model/paths.ts';
import type { RuntimeKind, ServiceState } from '../model/service.ts';

/** Who has taken a connection to the address of a stack's proxy. */
export type Responder =
  | { readonly who: 'proxy' }
  /** The proxy is there, and this service of the stack is paused, so that no answer would come. */
  | { readonly who: 'paused'; readonly service: ServiceState }
  /** The connection has ended. */
  | { readonly who: 'gone' }
  | { readonly who: 'other' };

export type FindResponder = (connection: Connection, signal: AbortSignal) => Promise<Responder>;

/** A stack whose proxy is to be told from whatever else may answer at its address. */
export interface OwnStack {
  readonly kind: RuntimeKind;
  readonly project: string;
  readonly paths: ProjectPaths;
  readonly bind: string;
  readonly port: number;
  /** The engine that it was made on, where that may be another than the one that the environment means. */
  readonly endpoint?: string | undefined;
  /** What has just been seen of its services. */
  readonly seen?: readonly ServiceState[] | undefined;
}

/** The machine on which that is found out. */
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
