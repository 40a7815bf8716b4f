import * as z from 'zod/mini';
import { formatBytes } from '../../text/byte-size.ts';
import { jsonAs } from '../../text/json.ts';

/** The request log. */
const REQUEST_LOG = 'LiteLLM_SpendLogs';
const LARGEST = 5;

const SIZE = z.object({
  /** The whole database, with indexes. */
  bytes: z.number(),
  /** The largest tables with their indexes, the largest first. */
  tables: z.array(z.object({ name: z.string(), bytes: z.number() })),
  logBytes: z.number(),
  /** How long LiteLLM keeps the request log according to its database, such as `30d`; null for ever. */
  logRetention: z.nullable(z.string()),
});

export type DatabaseSize = z.infer<typeof SIZE>;

/** Prints one line of JSON. */
export const READ_SIZE = `SELECT jsonb_build_object('bytes', pg_database_size(current_database()),
'tables', (SELECT coalesce(jsonb_agg(t), '[]') FROM (SELECT relname AS name, pg_total_relation_size(oid) AS bytes FROM pg_class
WHERE relkind IN ('r', 'm') AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC, 1 LIMIT ${LARGEST}) t),
'logBytes', coalesce((SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname LIKE '${REQUEST_LOG.replace('_', '\\_')}%'), 0),
'logRetention', (SELECT param_value ->> 'maximum_spend_logs_retention_period' FROM "LiteLLM_Config" WHERE param_name = 'general_settings'));
`;

export function parseSize(line: string): DatabaseSize | undefined {
  return jsonAs(SIZE, line);
}

/** `84.0 MB, of which the request log 71.0 MB` */
export function describeSize({ bytes, logBytes }: DatabaseSize): string {
  return `${formatBytes(bytes)}, of which the request log ${formatBytes(logBytes)}`;
}
