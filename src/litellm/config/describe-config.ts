import { LITELLM_CONFIG } from '../../model/litellm-files.ts';
import { formatMemory } from '../../model/memory-limit.ts';
import { shownValue } from '../../text/shown-value.ts';
import { KEY_VARIABLES } from '../admin/known-providers.ts';
import { addressesIn } from './addresses.ts';
import type { Config, ConfigAlias, ConfigKey, ConfigProvider, ConfigTarget, ConfigVariable } from './config.ts';

/** One thing that a file asks for. */
export interface ConfigLine {
  /** The subject, such as `alias gpt-5` or `bind`. */
  readonly head: string;
  readonly text: string;
  /** What a hostile file could misuse: an address, a login, or a variable other than the provider's usual one. */
  readonly isNotable: boolean;
}

/** Everything that a file asks for, safe to print; `isKnownImage` tells whether LiteLLM's project publishes an image. */
export function describeConfig(config: Config, isKnownImage: (image: string) => boolean): readonly ConfigLine[] {
  const { port, bind, image, memory, corsOrigins, providers, aliases, keys } = config;
  return [
    ...settingLine('port', port, false),
    ...settingLine('bind', bind, bind?.startsWith('127.') === false),
    ...settingLine('image', image, image !== undefined && !isKnownImage(image)),
    ...settingLine('memory', memory === undefined ? undefined : formatMemory(memory), false),
    ...(corsOrigins?.length ? [listLine('web pages that can call the gateway', corsOrigins, true)] : []),
    ...loginLine(config),
    ...litellmLines(config),
    ...(config.environment ?? []).map(variableLine),
    ...(config.awsProfile === undefined ? [] : [listLine('aws', [`profile ${config.awsProfile} of ~/.aws`], true)]),
    ...(config.proxyFromEnv ? [listLine('proxy_from_env', ['the HTTP proxies of your environment'], false)] : []),
    ...(config.ca === undefined
      ? []
      : [listLine('ca', [`the gateway trusts the certificate authorities in ${config.ca}`], true)]),
    ...providers.map(providerLine),
    ...aliases.map(aliasLine),
    ...keys.map(keyLine),
  ];
}

function settingLine(head: string, value: string | number | undefined, isNotable: boolean): readonly ConfigLine[] {
  return value === undefined ? [] : [{ head, text: `${head} ${shownValue(String(value))}`, isNotable }];
}

function loginLine({ uiUsername, uiPassword }: Config): readonly ConfigLine[] {
  const parts = [
    ...(uiUsername === undefined ? [] : [`user name ${uiUsername}`]),
    ...(uiPassword === undefined ? [] : [`password from ${uiPassword}`]),
  ];
  return parts.length === 0 ? [] : [listLine('UI login', parts, uiPassword !== 'generate')];
}

function litellmLines({ litellm }: Config): readonly ConfigLine[] {
  if (!litellm) return [];
  const { value = {}, modules, files } = litellm;
  const code = [...modules, ...remoteModules(value)];
  const others = Object.keys(files).filter((name) => name !== LITELLM_CONFIG && !modules.includes(name));
  const parts = [
    ...Object.keys(value),
    ...others.map((name) => `file ${name}`),
    ...addressesIn(value).map(({ field, value }) => `${field} ${value}`),
  ];
  return [
    listLine("LiteLLM's own configuration", parts, true),
    ...(code.length > 0 ? [listLine('Python that runs in the gateway with all its secrets', code, true)] : []),
  ];
}

/** Modules that LiteLLM downloads. */
const remoteModules = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return /^(s3|gcs):\/\//.test(value) ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(remoteModules) : [];
};

/** Always notable, because it may redirect the gateway's requests or reveal a secret of the user. */
function variableLine(variable: ConfigVariable): ConfigLine {
  const source =
    'value' in variable
      ? variable.value
      : 'from' in variable
        ? `from your variable ${variable.from}`
        : `a copy of the file ${variable.file}`;
  return listLine(`env ${variable.name}`, [source], true);
}

function providerLine({ name, provider, keyVariable, values, secretVariables }: ConfigProvider): ConfigLine {
  const secrets = Object.entries(secretVariables).map(([field, variable]) => `${field} from ${variable}`);
  const isUnusual = secrets.length > 0 || (keyVariable !== undefined && keyVariable !== KEY_VARIABLES[provider]);
  const parts = [
    provider,
    ...(keyVariable === undefined ? [] : [`key from ${keyVariable}`]),
    ...secrets,
    ...Object.entries(values).map(([field, value]) => `${field} ${value}`),
  ];
  return listLine(`provider ${name}`, parts, isUnusual || addressesIn(values).length > 0);
}

function aliasLine({ name, others = [], fallbacks = [], ...first }: ConfigAlias): ConfigLine {
  const targets = [first, ...others];
  const parts = [
    ...targets.flatMap(targetParts),
    ...(fallbacks.length > 0 ? [`falls back to ${fallbacks.join(' and ')}`] : []),
  ];
  return listLine(
    `alias ${name}`,
    parts,
    targets.some(({ params }) => addressesIn(params).length > 0),
  );
}

const targetParts = ({ target, provider, params }: ConfigTarget) => [
  target,
  ...(provider === undefined ? [] : [`by ${provider}`]),
  ...Object.entries(params).map(([field, value]) => `${field} ${JSON.stringify(value)}`),
];

function keyLine({ alias, models, duration, maxBudget, budgetDuration, writeEnv }: ConfigKey): ConfigLine {
  const parts = [
    ...models,
    duration,
    ...(maxBudget === undefined ? [] : [`max_budget ${maxBudget}`]),
    ...(budgetDuration === undefined ? [] : [`budget_duration ${budgetDuration}`]),
    ...(writeEnv ? [`written to ${writeEnv.file} as ${writeEnv.keyVariable} and ${writeEnv.urlVariable}`] : []),
  ];
  return listLine(`key ${alias}`, parts, false);
}

/** Cleans each part separately, because cleaning shortens long texts and the end of the line must stay visible. */
const listLine = (head: string, parts: readonly string[], isNotable: boolean): ConfigLine => ({
  head: shownValue(head),
  text: `${shownValue(head)}: ${parts.map(shownValue).join(', ')}`,
  isNotable,
});
