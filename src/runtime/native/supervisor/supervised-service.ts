import type { BaseService } from '../../../model/service.ts';

/**
 * The version of how services are run. It is raised when running services must not continue as they are, so that the next `up`
 * restarts them. 2: the query engine only answers its own gateway, neither runs as root, and LiteLLM's database role is not a
 * superuser.
 */
export const GENERATION = 2;

/** What a supervisor gets as JSON on its stdin; `env` contains secrets. */
export interface SupervisedService {
  readonly service: BaseService;
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** The user that it runs as; the supervisor's own if undefined. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** The signal that asks it to shut down. */
  readonly stopSignal: 'SIGINT' | 'SIGTERM';
  /** Milliseconds after which it is killed. */
  readonly stopWithin: number;
  /** The file for its stdout and stderr, which it can write to without a supervisor. */
  readonly log: string;
  /** The file of its record. */
  readonly record: string;
  /** Files of an earlier run that would prevent a start; removed before it is started. */
  readonly staleFiles?: readonly string[] | undefined;
  /** The working folder of its workers, which are not in its process group, and the beginning of their titles. */
  readonly workers?: { readonly folder: string; readonly title: string } | undefined;
  readonly image: string;
  readonly version: string | null;
  readonly published: { readonly bind: string; readonly port: number } | null;
  /** Only for the gateway; see `ServiceState`. */
  readonly corsOrigins?: string | undefined;
  /** Only for the gateway; see `ServiceState`. */
  readonly revision?: string | undefined;
  readonly configuration: string;
}
