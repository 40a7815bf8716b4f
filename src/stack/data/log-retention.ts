/** How long a new stack keeps the log of its requests, in LiteLLM's words. */
export const LOG_RETENTION = '30d';

/** LiteLLM's own is a day from its start, which a gateway that is stopped every evening never reaches. */
const CLEANUP_EVERY = '1h';

const SETTINGS = JSON.stringify({
  maximum_spend_logs_retention_period: LOG_RETENTION,
  maximum_spend_logs_retention_interval: CLEANUP_EVERY,
});

/**
 * Lets LiteLLM delete what is older, from its next look at its settings on, and prints a line. Does nothing where requests are
 * logged already, because nobody has agreed to their end, or where LiteLLM's settings name a retention.
 */
export const SET_RETENTION = `INSERT INTO "LiteLLM_Config" (param_name, param_value)
SELECT 'general_settings', '${SETTINGS}'::jsonb WHERE NOT EXISTS (SELECT FROM "LiteLLM_SpendLogs")
ON CONFLICT (param_name) DO UPDATE
SET param_value = EXCLUDED.param_value || coalesce(nullif("LiteLLM_Config".param_value, 'null'), '{}')
WHERE NOT coalesce(nullif("LiteLLM_Config".param_value, 'null'), '{}') ? 'maximum_spend_logs_retention_period'
RETURNING param_name;
`;
