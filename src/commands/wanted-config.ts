import { resolve } from 'node:path';
import type { AdminClient } from '../admin/client.ts';
import type { Config, ConfigKey, ConfigProvider } from '../admin/config.ts';
import { credentialItem } from '../admin/credential-item.ts';
import type { Wanted, WantedKey, WantedProvider } from '../admin/plan.ts';
import { Secret } from '../secret.ts';
import type { Invocation } from './invocation.ts';
import { readProviderKey } from './provider-key.ts';

/** What the file asks for, with the secrets that the environment has. */
export async function wantedOf(
  config: Config,
  folder: string,
  client: AdminClient,
  invocation: Invocation,
): Promise<Wanted> {
  const providers = await Promise.all(
    config.providers.map((entry) => wantedProvider(entry, config, client, invocation)),
  );
  return {
    file: config.name,
    providers,
    aliases: config.aliases.map(({ name, target, provider, params }) => ({
      name,
      target,
      credential: provider,
      params,
      force: false,
      append: false,
      exact: true,
      file: config.name,
    })),
    keys: config.keys.map((entry) => wantedKey(entry, folder)),
  };
}

async function wantedProvider(
  { name, provider, keyVariable, values, secretVariables }: ConfigProvider,
  { name: file }: Config,
  client: AdminClient,
  invocation: Invocation,
): Promise<WantedProvider> {
  const { context, redaction } = invocation;
  const variables = [...(keyVariable === undefined ? [] : [keyVariable]), ...Object.values(secretVariables)];
  const unset = variables.filter((variable) => !context.env[variable]);
  const shared = { name, provider, values, variables, unset };
  if (unset.length > 0) return { ...shared, ready: undefined };
  const apiKey =
    keyVariable === undefined ? undefined : await readProviderKey({ fromEnv: keyVariable }, provider, invocation);
  const secrets = Object.entries(secretVariables).map(
    ([field, variable]) => [field, context.env[variable] ?? ''] as const,
  );
  redaction.add([...(apiKey ? [apiKey] : []), ...secrets.map(([, value]) => new Secret(value))]);
  const credential = {
    name,
    provider,
    apiKey,
    values: { ...values, ...Object.fromEntries(secrets) },
    exact: true,
    file,
  };
  return { ...shared, ready: { credential, item: credentialItem(client, credential) } };
}

function wantedKey({ writeEnv, ...wish }: ConfigKey, folder: string): WantedKey {
  const env = writeEnv && {
    path: resolve(folder, writeEnv.file),
    shown: writeEnv.file,
    keyVariable: writeEnv.keyVariable,
    urlVariable: writeEnv.urlVariable,
  };
  return { wish: { ...wish, exact: true }, env };
}
