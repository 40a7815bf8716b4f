import { isRecord } from '../../text/json.ts';
import type { LitellmMap } from './litellm-config.ts';

/** How long a configuration lets LiteLLM keep the request log; null: for ever, undefined: it does not say. */
export function logRetentionOf({ general_settings: general }: LitellmMap): string | null | undefined {
  const key = 'maximum_spend_logs_retention_period';
  if (!isRecord(general) || !(key in general)) return undefined;
  return general[key] === null ? null : String(general[key]);
}
