import type { Paint } from '../../io/terminal/paint.ts';
import { PROXY } from '../../model/service.ts';
import { npxLine } from '../../model/settings.ts';
import { alignColumns } from '../../text/align-columns.ts';
import { formatBytes } from '../../text/byte-size.ts';
import { formatDuration } from '../../text/duration.ts';
import { describeSize } from '../data/database-size.ts';
import { describeCertificate } from '../tls/tls-view.ts';
import type { ServiceView, StatusData } from './stack-status.ts';

export function renderStatus(data: StatusData, paint: Paint): string {
  const isReady = data.state.startsWith('ready');
  const colour = isReady ? paint.green : data.state === 'starting' ? paint.yellow : paint.red;
  const reason = data.reason ? ` (${data.reason})` : '';
  const lines = [`${paint.bold(data.project)}: ${colour(data.state)}${reason}`];
  if (data.services.length > 0) lines.push('', serviceTable(data.services));
  if (isReady) lines.push('', ...readyLines(data));
  // The reason of a paused stack already says what to do.
  else if (data.state !== 'paused') lines.push('', `Next: ${nextCommands(data)}`);
  return `${lines.join('\n')}\n`;
}

function readyLines(data: StatusData): readonly string[] {
  const version = data.version ? `LiteLLM ${data.version}, ` : '';
  const image = data.services.find(({ service }) => service === PROXY)?.image;
  return [
    `${version}${count(data.models, 'model')}, ${count(data.keys, 'virtual key')}`,
    `${data.url}  UI ${data.uiUrl}`,
    ...(data.tls
      ? [
          `${data.localUrl}  plain HTTP, this machine only`,
          `TLS by ${data.tls.proxy}, certificate ${describeCertificate(data.tls)}`,
        ]
      : []),
    ...(data.databaseSize ? [`Database ${describeSize(data.databaseSize)}`] : []),
    ...(image === data.pinnedImage
      ? []
      : [`This agents-llm is made for ${data.pinnedImage}. Upgrade: ${npxLine(data.project, 'upgrade')}`]),
  ];
}

function nextCommands({ project, state, services }: StatusData): string {
  return commandsAfter(state, services.length > 0)
    .map((command) => npxLine(project, command))
    .join(' or ');
}

function commandsAfter(state: StatusData['state'], isCreated: boolean): readonly string[] {
  if (state === 'starting') return ['status --watch'];
  if (state === 'not-responding') return ['logs', 'restart'];
  return isCreated ? ['up', 'logs'] : ['up'];
}

/** For `eval` and dotenv files on this machine. Contains no secret; an unknown value is empty. */
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
