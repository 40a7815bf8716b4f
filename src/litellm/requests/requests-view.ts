import { alignColumns } from '../../text/align-columns.ts';
import { dollars } from '../../text/dollars.ts';
import { formatDuration } from '../../text/duration.ts';
import type { LoggedRequest } from './logged-request.ts';

const HEAD = ['TIME', 'KEY', 'MODEL', 'STATUS', 'TOKENS', 'COST', 'LATENCY', 'CLIENT', 'ID'];

export function renderRequests({ requests }: { readonly requests: readonly LoggedRequest[] }): string {
  if (requests.length === 0) return 'No requests\n';
  const [head = '', ...lines] = alignColumns([HEAD, ...requests.map(cells)]).split('\n');
  return [head, ...lines.flatMap((line, index) => [line, ...why(requests[index])]), ''].join('\n');
}

/** With two spaces between cells, whatever comes after it. */
export const requestLine = (row: LoggedRequest) => [cells(row).join('  '), ...why(row)].join('\n');

export function renderRequest(row: LoggedRequest): string {
  const facts = [
    ['id', row.id],
    ['time', row.time],
    ['virtual key', row.key ?? '-'],
    ['model', modelOf(row)],
    ['status', row.status],
    ['tokens', `${row.totalTokens} (${row.promptTokens} prompt, ${row.completionTokens} completion)`],
    ['cost', dollars(row.cost)],
    ['latency', latencyOf(row)],
    ['client', row.client ?? '-'],
    ...(row.reason === null ? [] : [['reason', row.reason]]),
    ...(row.hint === null ? [] : [['hint', row.hint]]),
  ];
  return `${alignColumns(facts)}\n`;
}

function cells(row: LoggedRequest): string[] {
  const time = row.time.replace('T', ' ').replace(/[.+Z].*$/, '');
  const figures = [row.totalTokens.toLocaleString('en-US'), dollars(row.cost), latencyOf(row)];
  return [time, row.key ?? '-', modelOf(row), row.status, ...figures, row.client ?? '-', row.id];
}

const why = (row: LoggedRequest | undefined) => [
  ...(row?.reason ? [`  ${row.reason}`] : []),
  ...(row?.hint ? [`  hint: ${row.hint}`] : []),
];

const modelOf = ({ model, target }: LoggedRequest) =>
  target === null || target === model ? (model ?? '-') : `${model} -> ${target}`;
const latencyOf = ({ latencyMs }: LoggedRequest) => (latencyMs === null ? '-' : formatDuration(latencyMs));
