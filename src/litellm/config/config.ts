import { basename } from 'node:path';
import { parseMemory } from '../../model/memory-limit.ts';
import { originOf } from '../../model/web-origins.ts';
import { mockTarget, paramsOf } from '../aliases/alias-fields.ts';
import type { LitellmConfig } from '../gateway-config/litellm-config.ts';
import { DEFAULT_DURATION } from '../keys/key-wish.ts';
import type { ConfigFields } from './config-schema.ts';

/** Looked for from the working folder up to the root of its git repository. */
export const CONFIG_FILE = 'agents-llm.yaml';

/** What `agents-llm.yaml` says, with its defaults filled in. */
export interface Config {
  /** Marks entries of LiteLLM that were created from this file. */
  readonly name: string;
  readonly image: string | undefined;
  /** The memory limit of the gateway, in bytes. */
  readonly memory: number | undefined;
  readonly port: number | undefined;
  readonly bind: string | undefined;
  /** Origins, besides the gateway's own, whose web pages may call it. */
  readonly corsOrigins: readonly string[] | undefined;
  readonly uiUsername: string | undefined;
  /** `generate`, `env:NAME` or `file:PATH`. */
  readonly uiPassword: string | undefined;
  /** Variables of the gateway; undefined if the file has none. */
  readonly environment: readonly ConfigVariable[] | undefined;
  /** The profile of `~/.aws` that the gateway uses. */
  readonly awsProfile: string | undefined;
  /** The gateway's way out goes through the HTTP proxies of the user's environment; undefined when the file does not ask for it. */
  readonly proxyFromEnv?: true | undefined;
  /** A file with certificates of authorities that the gateway is to trust. */
  readonly ca?: string | undefined;
  readonly providers: readonly ConfigProvider[];
  readonly aliases: readonly ConfigAlias[];
  readonly keys: readonly ConfigKey[];
  /** LiteLLM's own configuration; undefined if the file has none. */
  readonly litellm: LitellmConfig | undefined;
}

/** The source of a variable of the gateway: the file itself, a variable of the user, or another file. */
export type ConfigVariable = { readonly name: string } & (
  | { readonly value: string }
  | { readonly from: string }
  | { readonly file: string }
);

export interface ConfigProvider {
  readonly name: string;
  /** LiteLLM's name for the provider. */
  readonly provider: string;
  /** The variable that holds the key; undefined for providers without one. */
  readonly keyVariable: string | undefined;
  /** Settings that are not secret, such as `api_base`. */
  readonly values: Readonly<Record<string, string>>;
  /** Further secret settings, each with the variable that holds it. */
  readonly secretVariables: Readonly<Record<string, string>>;
}

export interface ConfigTarget {
  readonly target: string;
  readonly provider: string | undefined;
  /** In LiteLLM's names, including the settings for which the file has its own fields. */
  readonly params: Readonly<Record<string, unknown>>;
}

export interface ConfigAlias extends ConfigTarget {
  readonly name: string;
  /** Further targets, if it has several. */
  readonly others?: readonly ConfigTarget[] | undefined;
  /** Undefined to leave them as they are. */
  readonly fallbacks?: readonly string[] | undefined;
}

export interface ConfigKey {
  readonly alias: string;
  readonly models: readonly string[];
  readonly duration: string;
  readonly maxBudget: number | undefined;
  readonly budgetDuration?: string | undefined;
  readonly rpmLimit: number | undefined;
  readonly tpmLimit: number | undefined;
  readonly teamId: string | undefined;
  readonly writeEnv: ConfigEnvFile | undefined;
}

export interface ConfigEnvFile {
  /** Relative to the folder of the file. */
  readonly file: string;
  readonly keyVariable: string;
  readonly urlVariable: string;
}

type AliasEntry = NonNullable<ConfigFields['aliases']>[string];

function aliasOf(name: string, entry: AliasEntry): ConfigAlias {
  const [first, ...others] = entry.targets ?? [{ ...entry, target: entry.target ?? mockTarget(name) }];
  return {
    name,
    ...targetOf(first ?? { target: '' }),
    others: others.length === 0 ? undefined : others.map(targetOf),
    fallbacks: entry.fallbacks,
  };
}

type TargetEntry = Omit<AliasEntry, 'targets' | 'target'> & {
  readonly target: string;
  readonly weight?: number | undefined;
};

function targetOf({ target, provider, params, mock, mode, weight, ...entry }: TargetEntry): ConfigTarget {
  const { base_model: baseModel, input_price: inputPrice, output_price: outputPrice } = entry;
  return {
    target,
    provider,
    params: { ...params, ...paramsOf({ mock, mode, baseModel, inputPrice, outputPrice, weight }) },
  };
}

/** `folder` is the folder of the file. */
export function configOf(fields: ConfigFields, folder: string, litellm?: LitellmConfig): Config {
  return {
    name: fields.name ?? (basename(folder) || 'agents-llm'),
    image: fields.image,
    memory: fields.memory === undefined ? undefined : parseMemory(fields.memory),
    port: fields.port,
    bind: fields.bind,
    corsOrigins: fields.cors_origins?.flatMap((origin) => originOf(origin) ?? []),
    uiUsername: fields.ui?.username,
    uiPassword: fields.ui?.password,
    environment: fields.env ? environmentOf(fields.env) : undefined,
    awsProfile: fields.aws?.profile,
    proxyFromEnv: fields.proxy_from_env || undefined,
    ca: fields.ca,
    providers: Object.entries(fields.providers ?? {}).map(([name, entry]) => providerOf(name, entry)),
    aliases: Object.entries(fields.aliases ?? {}).map(([name, entry]) => aliasOf(name, entry)),
    keys: Object.entries(fields.keys ?? {}).map(([alias, entry]) => keyOf(alias, entry)),
    litellm,
  };
}

type Entry<Field extends 'providers' | 'keys'> = NonNullable<ConfigFields[Field]>[string];

function providerOf(name: string, entry: Entry<'providers'>): Config['providers'][number] {
  return {
    name,
    provider: entry.provider ?? name,
    keyVariable: entry.api_key_env,
    values: {
      ...entry.values,
      ...(entry.api_base === undefined ? {} : { api_base: entry.api_base }),
      ...(entry.api_version === undefined ? {} : { api_version: entry.api_version }),
    },
    secretVariables: entry.values_env ?? {},
  };
}

function keyOf(alias: string, entry: Entry<'keys'>): Config['keys'][number] {
  return {
    alias,
    models: [...new Set(entry.models)],
    duration: entry.duration ?? DEFAULT_DURATION,
    maxBudget: entry.max_budget,
    budgetDuration: entry.budget_duration,
    rpmLimit: entry.rpm_limit,
    tpmLimit: entry.tpm_limit,
    teamId: entry.team_id,
    writeEnv: entry.write_env && {
      file: entry.write_env.file,
      keyVariable: entry.write_env.api_key ?? 'OPENAI_API_KEY',
      urlVariable: entry.write_env.base_url ?? 'OPENAI_BASE_URL',
    },
  };
}

function environmentOf(variables: NonNullable<ConfigFields['env']>): readonly ConfigVariable[] {
  return Object.entries(variables)
    .map(([name, value]) => (typeof value === 'object' ? { name, ...value } : { name, value: String(value) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
