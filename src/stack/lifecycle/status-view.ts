import type { Paint } from '../../io/terminal/paint.ts';
import {
  PROXY,
  type RuntimeKind,
  type ServiceHealth,
  type ServiceName,
  type ServiceStatus,
} from '../../model/service.ts';
import { commandLine } from '../../model/settings.ts';
import { alignColumns } from '../../text/align-columns.ts';
import { formatBytes } from '../../text/byte-size.ts';
import { formatDuration } from '../../text/duration.ts';
import { describeCertificate, type TlsView } from '../tls/tls-view.ts';

export type StackCondition =
  | 'not-created'
  | 'created'
  | 'exited'
  | 'starting'
  | 'restarting'
  | 'paused'
  | 'unhealthy'
  | 'not-responding'
  | 'ready'
  | 'ready-on-another-engine';

export interface ServiceView {
  readonly service: ServiceName;
  readonly status: ServiceStatus;
  readonly health: ServiceHealth;
  readonly restarts: number;
  /** Null when it does not run. */
  readonly uptimeMs: number | null;
  /** Null when it does not run, or that cannot be told. */
  readonly memoryBytes: number | null;
  readonly image: string;
  readonly version: string | null;
  readonly id: string;
}

export interface StatusData {
  readonly project: string;
  readonly runtime: RuntimeKind;
  readonly state: StackCondition;
  /** One sentence more than `state` says; null when there is nothing to add. */
  readonly reason: string | null;
  /** For others: with TLS, where there is a reverse proxy. */
  readonly url: string;
  /** For this machine alone. */
  readonly localUrl: string;
  readonly tls: TlsView | null;
  readonly uiUrl: string;
  /** LiteLLM's own word; null unless ready. */
  readonly version: string | null;
  /** What readiness says of the database; null when the proxy does not answer. */
  readonly database: 'connected' | 'disconnected' | null;
  /** Models and virtual keys that exist; null unless ready. */
  readonly models: number | null;
  readonly keys: number | null;
  readonly engine: { readonly endpoint: string; readonly remembered: string | null };
  readonly services: readonly ServiceView[];
  /** The LiteLLM that this version of agents-llm is made for. */
  readonly pinnedImage: string;
}

export function renderStatus(data: StatusData, paint: Paint): string {
  const ready = data.state.startsWith('ready');
  const colour = ready ? paint.green : data.state === 'starting' ? paint.yellow : paint.red;
  const reason = data.reason ? ` (${data.reason})` : '';
  const lines = [`${paint.bold(data.project)}: ${colour(data.state)}${reason}`];
  if (data.services.length > 0) lines.push('', serviceTable(data.services));
  if (ready) {
    const version = data.version ? `LiteLLM ${data.version}, ` : '';
    lines.push('', `${version}${count(data.models, 'model')}, ${count(data.keys, 'key')}`);
    lines.push(`${data.url}  UI ${data.uiUrl}`);
    if (data.tls) {
      lines.push(`${data.localUrl}  plain, for this machine alone`);
      lines.push(`TLS by ${data.tls.proxy}, certificate ${describeCertificate(data.tls)}`);
    }
    const image = data.services.find(({ service }) => service === PROXY)?.image;
    if (image !== data.pinnedImage) lines.push(`made for ${data.pinnedImage}: ${commandLine(data.project, 'upgrade')}`);
  } else {
    // What is paused says itself what to do.
    if (data.state !== 'paused') lines.push('', `next: ${commandLine(data.project, nextStep(data))}`);
  }
  return `${lines.join('\n')}\n`;
}

function nextStep({ state, services }: StatusData): string {
  if (state === 'starting') return 'status --watch';
  if (state === 'not-responding') return 'logs, or restart';
  return services.length > 0 ? 'up, or logs' : 'up';
}

/** For `eval` and dotenv files, on this machine. Nothing secret; a value that is not there is empty. */
export function statusVariables(data: StatusData): string {
  const variables = {
    AGENTS_LLM_STATE: data.state,
    LITELLM_BASE_URL: data.localUrl,
    LITELLM_UI_URL: data.uiUrl,
    LITELLM_VERSION: data.version ?? '',
    OPENAI_BASE_URL: `${data.localUrl}/v1`,
  };
  return Object.entries(variables)
    .map(([name, value]) => `${name}="${value}"\n`)
    .join('');
}

function serviceTable(services: readonly ServiceView[]): string {
  const rows = services.map((service) => [
    service.service,
    service.health === 'none' ? service.status : `${service.status}, ${service.health}`,
    service.uptimeMs === null ? '-' : formatDuration(service.uptimeMs),
    service.memoryBytes === null ? '-' : formatBytes(service.memoryBytes),
    String(service.restarts),
    service.image,
  ]);
  return alignColumns([['SERVICE', 'STATE', 'UPTIME', 'MEMORY', 'RESTARTS', 'IMAGE'], ...rows]);
}

function count(number: number | null, noun: string): string {
  return number === null ? `${noun}s unknown` : `${number} ${noun}${number === 1 ? '' : 's'}`;
}
