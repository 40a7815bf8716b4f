import { resolve } from 'node:path';
import type { Invocation, Operation } from '../../context/invocation.ts';
import { Secret } from '../../model/secret.ts';
import type { RuntimeKind } from '../../model/service.ts';
import type { AdminClient } from '../admin/client.ts';
import { type Credential, credentialItem } from '../admin/credential-item.ts';
import { isVirtualKey } from '../admin/virtual-key.ts';
import { addressWarnings, reachable, runtimeOf, targetWarnings } from '../aliases/first-call.ts';
import type { Config, ConfigKey, ConfigProvider, ConfigTarget } from '../config/config.ts';
import { readProviderKey } from '../input/read-provider-key.ts';
import type { Wanted, WantedKey, WantedProvider } from './plan.ts';

/** What the file asks for, with secrets from the environment. */
export async function wantedOf(
  config: Config,
  folder: string,
  client: AdminClient,
  invocation: Pick<Invocation, 'context' | 'progress' | 'redaction' | 'settings'>,
): Promise<Wanted> {
  const runtime = await runtimeOf(client, invocation);
  const targetOf = (target: ConfigTarget) => wantedTarget(target, runtime);
  const entries = config.providers.map((entry) => ({ ...entry, values: reachable(entry.values, runtime) }));
  const providers = await Promise.all(entries.map((entry) => wantedProvider(entry, config, client, invocation)));
  const warnings = [
    ...entries.flatMap(({ values }) => addressWarnings(values, runtime)),
    ...config.aliases.flatMap(({ name, others = [], ...first }) =>
      [first, ...others].flatMap((target) => targetWarnings(name, targetOf(target), runtime)),
    ),
  ];
  return {
    file: config.name,
    warnings: [...new Set(warnings)],
    providers,
    aliases: config.aliases.map(({ name, others, ...first }) => {
      const targets = { ...targetOf(first), others: others?.map(targetOf) };
      return { name, ...targets, force: false, append: false, exact: true, file: config.name };
    }),
    fallbacks: config.aliases.flatMap(({ name, fallbacks }) =>
      fallbacks === undefined ? [] : [{ alias: name, models: fallbacks }],
    ),
    keys: config.keys.map((entry) => wantedKey(entry, folder)),
  };
}

const wantedTarget = ({ target, provider, params }: ConfigTarget, runtime: RuntimeKind | undefined) => ({
  target,
  credential: provider,
  params: reachable(params, runtime),
});

async function wantedProvider(
  entry: ConfigProvider,
  { name: file }: Config,
  client: AdminClient,
  invocation: Pick<Operation, 'context' | 'progress' | 'redaction'>,
): Promise<WantedProvider> {
  const { name, provider, keyVariable, values, secretVariables } = entry;
  const variables = [...(keyVariable === undefined ? [] : [keyVariable]), ...Object.values(secretVariables)];
  const shared = { name, provider, values, variables };
  const unset = variables.filter((variable) => !invocation.context.env[variable]);
  if (unset[0] !== undefined) {
    return { ...shared, state: { variable: unset[0], lack: `${unset.join(', ')} is not set` } };
  }
  const credential = { ...(await credentialOf(entry, invocation)), exact: true, file };
  if (keyVariable !== undefined && credential.apiKey && (await isVirtualKey(client, credential.apiKey))) {
    const lack = `${keyVariable} contains a virtual key of this LiteLLM instead of a provider key`;
    return { ...shared, state: { variable: keyVariable, lack } };
  }
  return { ...shared, state: { credential, item: credentialItem(client, credential) } };
}

async function credentialOf(
  { name, provider, keyVariable, values, secretVariables }: ConfigProvider,
  invocation: Pick<Operation, 'context' | 'progress' | 'redaction'>,
): Promise<Credential> {
  const { context, redaction } = invocation;
  const apiKey =
    keyVariable === undefined ? undefined : await readProviderKey({ fromEnv: keyVariable }, provider, invocation);
  const secrets = Object.entries(secretVariables).map(
    ([field, variable]) => [field, context.env[variable] ?? ''] as const,
  );
  redaction.add([...(apiKey ? [apiKey] : []), ...secrets.map(([, value]) => new Secret(value))]);
  return { name, provider, apiKey, values: { ...values, ...Object.fromEntries(secrets) } };
}

function wantedKey({ writeEnv, ...wish }: ConfigKey, folder: string): WantedKey {
  const env = writeEnv && {
    path: resolve(folder, writeEnv.file),
    folder,
    shown: writeEnv.file,
    keyVariable: writeEnv.keyVariable,
    urlVariable: writeEnv.urlVariable,
  };
  return { wish: { ...wish, exact: true }, env };
}
