import { ownParams, rowsOf } from '../admin/alias-rows.ts';
import { CANARY_PREFIX } from '../admin/canary.ts';
import { isExpired } from '../admin/keys.ts';
import { KEY_VARIABLES, KEYLESS } from '../admin/known-providers.ts';
import { cleanMessage } from '../admin/litellm-message.ts';
import type { CredentialRow, KeyRow, ModelRow } from '../admin/schemas.ts';
import { FIELD_PARAMS, fieldsOfParams, MODES } from '../aliases/alias-fields.ts';
import { references } from '../config/config-rules.ts';
import type { ConfigFields } from '../config/config-schema.ts';
import { isSecretName } from '../config/config-secrets.ts';
import { isOfHost } from '../keys/provision-key.ts';
import type { Seen } from './plan.ts';

type Rows = Pick<Seen, 'credentials' | 'models' | 'fallbacks' | 'keys' | 'host' | 'now'>;

export interface ConfigOfProxy {
  readonly fields: Pick<ConfigFields, 'providers' | 'aliases' | 'keys'>;
  /** What was left out, with the reason. */
  readonly warnings: readonly string[];
}

/** The file that describes what LiteLLM has, without secrets; `isSecret` recognises those of the gateway itself. */
export function configFromProxy(rows: Rows, isSecret: (text: string) => boolean): ConfigOfProxy {
  // LiteLLM shows the value of `os.environ/NAME` instead of the reference.
  const isOfGateway = (entry: unknown) => references(entry, []).length > 0 || isSecret(JSON.stringify(entry));
  const warnings: string[] = [];
  const leaveOut: LeaveOut = (what, why) => void warnings.push(`Left out ${cleanMessage(what)}: ${why}`);
  const fields = {
    providers: providersOf(rows, isOfGateway, leaveOut),
    aliases: aliasesOf(rows, isOfGateway, leaveOut),
    keys: keysOf(rows, leaveOut),
  };
  return { fields, warnings };
}

type IsOfGateway = (entry: unknown) => boolean;
type LeaveOut = (what: string, why: string) => void;

function providersOf({ credentials }: Rows, isOfGateway: IsOfGateway, leaveOut: LeaveOut) {
  const providers: NonNullable<ConfigFields['providers']> = {};
  for (const row of credentials) {
    const name = row.credential_name;
    if (name.startsWith(CANARY_PREFIX)) continue;
    const entry = providerEntry(row);
    if (isInvalidName(name)) leaveOut('a provider', NO_NAME);
    else if (!entry) leaveOut(`provider ${name}`, 'LiteLLM does not tell which provider it is');
    else if (lacksKey(name, entry)) leaveOut(`provider ${name}`, 'LiteLLM shows no key for it');
    else if (isOfGateway(entry)) leaveOut(`provider ${name}`, REFERENCE);
    else providers[name] = entry;
  }
  return providers;
}

function aliasesOf({ models, fallbacks }: Rows, isOfGateway: IsOfGateway, leaveOut: LeaveOut) {
  const aliases: NonNullable<ConfigFields['aliases']> = {};
  for (const name of new Set(models.map((row) => row.model_name))) {
    const rows = rowsOf(models, name);
    const others = fallbacks.get(name) ?? [];
    const entry = { ...aliasEntry(rows), ...(others.length > 0 ? { fallbacks: [...others] } : {}) };
    if (rows.length === 0 || name.startsWith(CANARY_PREFIX)) continue;
    if (isInvalidName(name)) leaveOut('an alias', NO_NAME);
    else if (rows.some(({ model_info }) => model_info.db_model === false))
      leaveOut(`alias ${name}`, "it is defined in LiteLLM's own configuration file");
    else if (isOfGateway(entry)) leaveOut(`alias ${name}`, REFERENCE);
    else aliases[name] = entry;
  }
  return aliases;
}

function keysOf({ keys, host, now }: Rows, leaveOut: LeaveOut) {
  const virtual: NonNullable<ConfigFields['keys']> = {};
  for (const row of keys) {
    const alias = row.key_alias ?? '';
    if (alias.startsWith(CANARY_PREFIX) || row.metadata?.agents_llm_process !== undefined) continue;
    if (!alias || !isOfHost(row, host))
      leaveOut(`key ${alias || 'without an alias'}`, 'it was not created on this machine by agents-llm');
    else if (isInvalidName(alias)) leaveOut('a key', NO_NAME);
    else if (isExpired(row, now)) leaveOut(`key ${alias}`, 'it has expired');
    else virtual[alias] = keyEntry(row);
  }
  return virtual;
}

const REFERENCE = "it uses a value from LiteLLM's own environment";

function providerEntry({ credential_name: name, credential_info: info, credential_values }: CredentialRow) {
  const declared = info?.custom_llm_provider;
  const provider = typeof declared === 'string' ? declared : Object.hasOwn(KEY_VARIABLES, name) ? name : undefined;
  if (provider === undefined) return undefined;
  const { api_key, api_base, api_version, ...rest } = credential_values ?? {};
  const shown = Object.entries(rest).filter(([, value]) => typeof value === 'string') as [string, string][];
  const isSecret = ([field, value]: [string, string]) => isSecretName(field) || value.includes('**');
  const open = shown.filter((entry) => !isSecret(entry));
  const hidden = shown.filter(isSecret).map(([field]) => [field, variableName(`${name}_${field}`)]);
  return {
    ...(provider === name ? {} : { provider }),
    ...(api_key === undefined ? {} : { api_key_env: keyVariable(name, provider) }),
    ...(typeof api_base === 'string' ? { api_base } : {}),
    ...(typeof api_version === 'string' ? { api_version } : {}),
    ...(open.length > 0 ? { values: Object.fromEntries(open) } : {}),
    ...(hidden.length > 0 ? { values_env: Object.fromEntries(hidden) } : {}),
  };
}

/** Names that cannot be keys in the YAML file. */
const isInvalidName = (name: string) => name.trim() === '' || name === '__proto__' || name === '<<';
const NO_NAME = 'its name cannot be written in a file';

const lacksKey = (name: string, entry: NonNullable<ReturnType<typeof providerEntry>>) =>
  entry.api_key_env === undefined && entry.values_env === undefined && !KEYLESS.has(entry.provider ?? name);

const keyVariable = (name: string, provider: string) =>
  (name === provider ? KEY_VARIABLES[provider] : undefined) ?? variableName(`${name}_api_key`);

const variableName = (text: string) =>
  text
    .toUpperCase()
    .replace(/\W+/g, '_')
    .replace(/^(?=\d)/, '_');

function aliasEntry(rows: readonly ModelRow[]) {
  const [first, ...others] = rows.map(targetEntry);
  if (!first || others.length > 0) return { targets: rows.map(targetEntry) };
  const { weight: _, params, ...entry } = first;
  const { mock_response: mock, ...further } = params ?? {};
  return {
    ...(typeof mock === 'string' ? { mock } : {}),
    ...entry,
    ...(Object.keys(further).length > 0 ? { params: further } : {}),
  };
}

/** LiteLLM adds its own parameters, all false, and fills in the mode of known models. */
function targetEntry(row: ModelRow) {
  const { model, litellm_credential_name: provider, ...rest } = row.litellm_params;
  const { base_model, mode } = row.model_info;
  const ownMode = MODES.find((known) => known === mode && ownParams(row).includes('mode'));
  const { baseModel, inputPrice, outputPrice, weight } = fieldsOfParams({
    ...rest,
    ...(base_model ? { base_model } : {}),
  });
  const params = Object.entries(rest).filter(([field, value]) => {
    const isSet = value !== null && (value !== false || field === 'drop_params');
    return isSet && (!FIELD_PARAMS.has(field) || field === 'mock_response') && !isSecretName(field);
  });
  return {
    target: String(model),
    ...(typeof provider === 'string' ? { provider } : {}),
    ...(weight === undefined ? {} : { weight }),
    ...(ownMode === undefined ? {} : { mode: ownMode }),
    ...(baseModel === undefined ? {} : { base_model: baseModel }),
    ...(inputPrice === undefined ? {} : { input_price: inputPrice }),
    ...(outputPrice === undefined ? {} : { output_price: outputPrice }),
    ...(params.length > 0 ? { params: Object.fromEntries(params) as Record<string, unknown> } : {}),
  };
}

function keyEntry(row: KeyRow) {
  const duration = row.metadata?.agents_llm_duration;
  return {
    models: row.models && row.models.length > 0 ? row.models : ['all-proxy-models'],
    ...(typeof duration === 'string' ? { duration } : {}),
    ...(row.max_budget == null ? {} : { max_budget: row.max_budget }),
    ...(row.budget_duration == null ? {} : { budget_duration: row.budget_duration }),
    ...(row.rpm_limit == null ? {} : { rpm_limit: row.rpm_limit }),
    ...(row.tpm_limit == null ? {} : { tpm_limit: row.tpm_limit }),
    ...(row.team_id == null ? {} : { team_id: row.team_id }),
  };
}
