import type { RuntimeKind, ServiceHealth, ServiceName, ServiceStatus } from '../../model/service.ts';
import type { DatabaseSize } from '../data/database-size.ts';
import type { TlsView } from '../tls/tls-view.ts';
import type { Condition } from './stack-condition.ts';

export interface ServiceView {
  readonly service: ServiceName;
  readonly status: ServiceStatus;
  readonly health: ServiceHealth;
  readonly restarts: number;
  /** Null when it does not run. */
  readonly uptimeMs: number | null;
  /** Null when it does not run or its memory is unknown. */
  readonly memoryBytes: number | null;
  readonly image: string;
  readonly version: string | null;
  readonly id: string;
}

export interface StatusData extends Condition {
  readonly project: string;
  readonly runtime: RuntimeKind;
  /** For clients: with TLS, the address of the reverse proxy. */
  readonly url: string;
  /** For this machine only. */
  readonly localUrl: string;
  readonly tls: TlsView | null;
  readonly uiUrl: string;
  /** The version that LiteLLM reports; null unless ready. */
  readonly version: string | null;
  /** What readiness says about the database; null when the gateway does not answer. */
  readonly database: 'connected' | 'disconnected' | null;
  /** Models and virtual keys that exist; null unless ready. */
  readonly models: number | null;
  readonly keys: number | null;
  readonly engine: { readonly endpoint: string; readonly remembered: string | null };
  readonly services: readonly ServiceView[];
  /** The LiteLLM that this version of agents-llm is made for. */
  readonly pinnedImage: string;
  /** Null without `--sizes`, and if the database does not run. */
  readonly databaseSize: DatabaseSize | null;
  /** Whether the entry point of agents-llm starts LiteLLM. */
  readonly fastStart: boolean;
}
