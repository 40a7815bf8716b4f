import { isRecord } from '../../text/json.ts';
import type { LitellmMap } from '../gateway-config/litellm-config.ts';
import type { Recorder } from './import-report.ts';

const LANGFUSE = ['LANGFUSE_PUBLIC_KEY', 'LANGFUSE_SECRET_KEY'];

/** What callbacks read without being told to, and cannot do without. */
const CALLBACK_VARIABLES: Readonly<Record<string, readonly string[]>> = {
  langfuse: LANGFUSE,
  langfuse_otel: LANGFUSE,
  datadog: ['DD_API_KEY', 'DD_SITE'],
  langsmith: ['LANGSMITH_API_KEY'],
  braintrust: ['BRAINTRUST_API_KEY'],
  helicone: ['HELICONE_API_KEY'],
};

/** The variables of the gateway that its callbacks need. */
export function callbackVariables({ litellm_settings: settings }: LitellmMap, record: Recorder): readonly string[] {
  if (!isRecord(settings)) return [];
  const found = ['callbacks', 'success_callback', 'failure_callback'].flatMap((field) =>
    [settings[field]].flat().flatMap((name) => {
      const variables =
        typeof name === 'string' && Object.hasOwn(CALLBACK_VARIABLES, name) ? CALLBACK_VARIABLES[name] : [];
      if (!variables || variables.length === 0) return [];
      record(
        'taken',
        ['litellm_settings', field],
        `env ${variables.join(', ')}, because the callback ${name} needs them`,
      );
      return variables;
    }),
  );
  return [...new Set(found)];
}

/** A cache without parameters is Redis for LiteLLM, which does not start without the address of one. */
export function withCacheParams(config: LitellmMap, given: ReadonlySet<string>, record: Recorder): LitellmMap {
  const { litellm_settings: settings } = config;
  if (!isRecord(settings) || settings.cache !== true) return config;
  const { cache_params: params } = settings;
  const isEmpty = params == null || (isRecord(params) && Object.keys(params).length === 0);
  if (!isEmpty || ['REDIS_HOST', 'REDIS_URL'].some((name) => given.has(name))) return config;
  record(
    'changed',
    ['litellm_settings', 'cache'],
    'cache_params: {type: local}, because no Redis is named and LiteLLM would not start without one',
  );
  return { ...config, litellm_settings: { ...settings, cache_params: { type: 'local' } } };
}
