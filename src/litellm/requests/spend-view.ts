import { alignColumns } from '../../text/align-columns.ts';
import { dollars } from '../../text/dollars.ts';
import type { DailySpend, SpendFigures } from './daily-spend.ts';

const TITLE = { key: 'KEY', model: 'MODEL', day: 'DAY' } as const;

export function renderSpend({ by, from, to, rows, total }: DailySpend): string {
  const days = from === to ? `on ${from}` : `from ${from} to ${to}`;
  if (rows.length === 0) return `No requests ${days}\n`;
  const table = alignColumns([
    [TITLE[by], 'REQUESTS', 'FAILED', 'TOKENS', 'COST'],
    ...rows.map((row) => [row.name ?? '-', ...cells(row)]),
    ['total', ...cells(total)],
  ]);
  return `${table}\n\nDays are in UTC: ${days}\n`;
}

const cells = ({ requests, failed, totalTokens, cost }: SpendFigures) => [
  ...[requests, failed, totalTokens].map((count) => count.toLocaleString('en-US')),
  dollars(cost),
];
