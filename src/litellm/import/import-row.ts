import { asRecord, isRecord } from '../../text/json.ts';
import { VARIABLE_NAME } from '../../text/variable-name.ts';
import { KEY_VARIABLES, KEYLESS } from '../admin/known-providers.ts';
import { MODES } from '../aliases/alias-fields.ts';
import type { ConfigFields } from '../config/config-schema.ts';
import { isSecretName, looksRandom } from '../config/config-secrets.ts';
import { referenceIn } from '../gateway-config/litellm-rules.ts';

type Fields = Readonly<Record<string, unknown>>;
export type ProviderEntry = NonNullable<ConfigFields['providers']>[string];
type Mode = (typeof MODES)[number];

/** A row of `model_list`, converted to the fields of agents-llm.yaml. */
export interface ImportedRow {
  readonly kind: string;
  /** Undefined if the model needs neither key nor address. */
  readonly provider: ProviderEntry | undefined;
  readonly target: {
    readonly target: string;
    readonly mode?: Mode;
    readonly base_model?: string;
    readonly params?: Record<string, unknown>;
  };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
const INFO: ReadonlySet<string> = new Set(['mode', 'base_model']);

/** The converted row, or the reason why it cannot be converted. */
export function importRow({ litellm_params: params, model_info: info, ...rest }: Fields): ImportedRow | string {
  const other = Object.keys(rest).find((name) => name !== 'model_name');
  if (other !== undefined) return `agents-llm.yaml has no field for ${other}`;
  if (!isRecord(params)) return 'it has no litellm_params';
  const further = isRecord(info) ? Object.keys(info).find((name) => !INFO.has(name)) : undefined;
  if (further !== undefined) return `agents-llm.yaml has no field for model_info.${further}`;
  const { model, ...others } = params;
  const kind = /^([a-z0-9_]+)\/./.exec(String(model))?.[1];
  if (!isText(model) || kind === undefined || referenceIn(model) !== undefined)
    return 'the model does not name its provider';
  const { mode, base_model: baseModel } = asRecord(info);
  if (mode !== undefined && !MODES.includes(mode as Mode)) return 'agents-llm.yaml does not support its mode';
  if (baseModel !== undefined && !isText(baseModel)) return 'its base model is not text';
  const split = splitParams(kind, others);
  if (typeof split === 'string') return split;
  return {
    kind,
    provider: split.provider,
    target: {
      target: model,
      ...(mode === undefined ? {} : { mode: mode as Mode }),
      ...(baseModel === undefined ? {} : { base_model: baseModel }),
      ...(Object.keys(split.params).length > 0 ? { params: split.params } : {}),
    },
  };
}

interface SplitParams {
  readonly provider: ProviderEntry | undefined;
  readonly params: Record<string, unknown>;
}

/** Keys, addresses and values from variables belong to the provider; everything else to the model. */
function splitParams(kind: string, given: Fields): SplitParams | string {
  const fields: { api_key_env?: string; api_base?: string; api_version?: string } = {};
  const secrets: Record<string, string> = {};
  const params: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const variable = typeof value === 'string' ? referenceIn(value) : undefined;
    const isVariable = variable === undefined ? !hasReference(value) : isVariableName(variable);
    if (value === null || !isVariable) return `agents-llm.yaml has no field for ${name}`;
    if (name === 'api_base' || name === 'api_version') {
      if (variable !== undefined || !isText(value)) return `${name} comes from a variable`;
      fields[name] = value;
    } else if (name === 'api_key') {
      if (variable === undefined) return 'its key is not an environment variable';
      fields.api_key_env = variable;
    } else if (variable !== undefined) secrets[name] = variable;
    else if (hasSecretName(name, value)) return `the name ${name} suggests a secret`;
    else params[name] = value;
  }
  const key = fields.api_key_env ?? (Object.keys(secrets).length > 0 ? undefined : KEY_VARIABLES[kind]);
  if (key === undefined && !KEYLESS.has(kind) && Object.keys(secrets).length === 0)
    return 'it names no environment variable for its key';
  const entry = {
    ...fields,
    ...(key === undefined ? {} : { api_key_env: key }),
    ...(Object.keys(secrets).length > 0 ? { values_env: secrets } : {}),
  };
  return { provider: Object.keys(entry).length > 0 ? entry : undefined, params };
}

const isVariableName = (name: string) => VARIABLE_NAME.test(name) && !looksRandom(name);

const hasReference = (value: unknown): boolean =>
  typeof value === 'string'
    ? /^\s*(os\.environ|oidc)\//i.test(value)
    : typeof value === 'object' && value !== null && Object.values(value).some(hasReference);

const hasSecretName = (name: string, value: unknown): boolean =>
  typeof value === 'string'
    ? isSecretName(name)
    : typeof value === 'object' &&
      value !== null &&
      Object.entries(value).some(([inner, of]) => hasSecretName(inner, of));
