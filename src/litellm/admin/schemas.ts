import * as z from 'zod/mini';
import { FILE_MARK, PARAMS_MARK } from './owner-mark.ts';

const record = z.record(z.string(), z.unknown());

/** Responses: unknown fields are dropped, and fields that not every version has are optional. */
export const CREDENTIALS = z.object({
  credentials: z.array(
    z.object({
      credential_name: z.string(),
      credential_info: z.nullish(record),
      credential_values: z.nullish(record),
    }),
  ),
});

export const MODEL_ROWS = z.object({
  data: z.array(
    z.object({
      model_name: z.string(),
      litellm_params: record,
      model_info: z.object({
        id: z.string(),
        db_model: z.nullish(z.boolean()),
        /** For a team's row: LiteLLM shows this name instead of the row's own. */
        team_public_model_name: z.nullish(z.string()),
        litellm_provider: z.nullish(z.string()),
        /** `chat`, `embedding`, …; missing for a model that LiteLLM does not know. */
        mode: z.nullish(z.string()),
        base_model: z.nullish(z.string()),
        max_input_tokens: z.nullish(z.number()),
        max_output_tokens: z.nullish(z.number()),
        input_cost_per_token: z.nullish(z.number()),
        output_cost_per_token: z.nullish(z.number()),
        [FILE_MARK]: z.optional(z.unknown()),
        [PARAMS_MARK]: z.optional(z.unknown()),
      }),
    }),
  ),
  total_pages: z.nullish(z.number()),
});

export const SERVED_MODELS = z.object({ data: z.array(z.object({ id: z.string() })) });

const KEY = z.object({
  token: z.string(),
  key_alias: z.nullish(z.string()),
  key_name: z.nullish(z.string()),
  models: z.nullish(z.array(z.string())),
  spend: z.nullish(z.number()),
  max_budget: z.nullish(z.number()),
  rpm_limit: z.nullish(z.number()),
  tpm_limit: z.nullish(z.number()),
  budget_duration: z.nullish(z.string()),
  max_parallel_requests: z.nullish(z.number()),
  expires: z.nullish(z.string()),
  blocked: z.nullish(z.boolean()),
  team_id: z.nullish(z.string()),
  user_id: z.nullish(z.string()),
  created_by: z.nullish(z.string()),
  created_at: z.nullish(z.string()),
  metadata: z.nullish(record),
});

export const KEY_PAGE = z.object({
  keys: z.array(KEY),
  total_count: z.nullish(z.number()),
  total_pages: z.nullish(z.number()),
});

export const KEY_ALIASES = z.object({ aliases: z.array(z.string()), total_pages: z.nullish(z.number()) });

export const GENERATED_KEY = z.object({
  key: z.string(),
  token: z.nullish(z.string()),
  expires: z.nullish(z.string()),
});

export const TEST_RESULT = z.object({
  status: z.string(),
  result: z.nullish(z.object({ error: z.nullish(z.string()) })),
});

/** Requests: fields that are not listed here are never sent. */
export const CREDENTIAL_REQUEST = z.strictObject({
  credential_name: z.string().check(z.minLength(1)),
  credential_info: record,
  credential_values: z.record(z.string(), z.string()),
});

export const MODEL_REQUEST = z.strictObject({
  model_name: z.string().check(z.minLength(1)),
  litellm_params: record,
  model_info: z.strictObject({
    id: z.string(),
    mode: z.optional(z.string()),
    base_model: z.optional(z.string()),
    [FILE_MARK]: z.optional(z.string()),
    [PARAMS_MARK]: z.optional(z.array(z.string())),
  }),
});

export const KEY_LIMITS = z.strictObject({
  models: z.optional(z.array(z.string())),
  duration: z.optional(z.string()),
  max_budget: z.optional(z.number()),
  rpm_limit: z.optional(z.number()),
  tpm_limit: z.optional(z.number()),
  budget_duration: z.optional(z.string()),
  max_parallel_requests: z.optional(z.number()),
  team_id: z.optional(z.string()),
  metadata: z.optional(record),
});

export const KEY_REQUEST = z.strictObject({ ...KEY_LIMITS.shape, key_alias: z.string().check(z.minLength(1)) });
/** Null removes a limit. */
export const KEY_UPDATE = z.strictObject({
  ...KEY_LIMITS.shape,
  max_budget: z.nullish(z.number()),
  budget_duration: z.nullish(z.string()),
  rpm_limit: z.nullish(z.number()),
  tpm_limit: z.nullish(z.number()),
  team_id: z.nullish(z.string()),
  key: z.string(),
});

export type CredentialRow = z.infer<typeof CREDENTIALS>['credentials'][number];
export type ModelRow = z.infer<typeof MODEL_ROWS>['data'][number];
export type KeyRow = z.infer<typeof KEY>;
export type KeyLimits = z.infer<typeof KEY_LIMITS>;
export type KeyChanges = Omit<z.infer<typeof KEY_UPDATE>, 'key'>;
