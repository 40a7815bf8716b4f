/** How long a new stack keeps the log of its requests, in LiteLLM's words. */
export const LOG_RETENTION = '30d';

/** By default LiteLLM cleans up a day after its start, which a gateway that is stopped every evening never reaches. */
const CLEANUP_EVERY = '1h';

const SETTINGS = JSON.stringify({
  maximum_spend_logs_retention_period: LOG_RETENTION,
  maximum_spend_logs_retention_interval: CLEANUP_EVERY,
});

/**
 * Makes LiteLLM delete older requests once it reads its settings again, and prints a line. Does nothing if requests are already
 * logged, because nobody agreed to their deletion, or if LiteLLM's settings already name a retention.
 */
export const SET_RETENTION = `INSERT INTO "LiteLLM_Config" (param_name, param_value)
SELECT 'general_settings', '${SETTINGS}'::jsonb WHERE NOT EXISTS (SELECT FROM "LiteLLM_SpendLogs")
ON CONFLICT (param_name) DO UPDATE
SET param_value = EXCLUDED.param_value || coalesce(nullif("LiteLLM_Config".param_value, 'null'), '{}')
WHERE NOT coalesce(nullif("LiteLLM_Config".param_value, 'null'), '{}') ? 'maximum_spend_logs_retention_period'
RETURNING param_name;
`;
