import type { BaseService } from '../../../model/service.ts';

/**
 * How the services are run: raised whenever one that runs must not go on as it is, so that the next `up` starts it again.
 * 2: the query engine answers its own proxy alone, neither is root's, and LiteLLM's role in the database is not a superuser.
 */
export const GENERATION = 2;

/** All that a supervisor is given, as JSON on its stdin: secrets are in `env`. */
export interface SupervisedService {
  readonly service: BaseService;
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Whose rights it gets; the supervisor's own when left out. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** What asks it to end in good order. */
  readonly stopSignal: 'SIGINT' | 'SIGTERM';
  /** Milliseconds after which it is killed. */
  readonly stopWithin: number;
  /** Takes its stdout and stderr, and lives on without a supervisor. */
  readonly log: string;
  /** Where its record is kept. */
  readonly record: string;
  /** Files of an earlier run that would keep it from starting; removed while it does not run. */
  readonly staleFiles?: readonly string[] | undefined;
  /** The working folder of its workers, which are not in its process group, and how their titles begin. */
  readonly workers?: { readonly folder: string; readonly title: string } | undefined;
  readonly image: string;
  readonly version: string | null;
  readonly published: { readonly bind: string; readonly port: number } | null;
  /** Of the proxy alone; see `ServiceState`. */
  readonly corsOrigins?: string | undefined;
  /** Of the proxy alone; see `ServiceState`. */
  readonly revision?: string | undefined;
  readonly configuration: string;
}
