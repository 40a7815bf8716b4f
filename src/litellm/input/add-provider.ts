import type { Invocation } from '../../context/invocation.ts';
import { CliError } from '../../model/errors.ts';
import { type Change, putCredential } from '../admin/credentials.ts';
import { KEY_VARIABLES } from '../admin/known-providers.ts';
import { refuseVirtualKey } from '../admin/virtual-key.ts';
import { addressWarnings, reachable, runtimeOf } from '../aliases/first-call.ts';
import { type AdminFlags, changing, openAdmin } from '../open-admin.ts';
import { secretValues } from './provider-values.ts';
import { type KeySourceFlags, readProviderKey } from './read-provider-key.ts';

export interface ProviderAddFlags extends AdminFlags, KeySourceFlags {
  readonly provider?: string;
  readonly apiBase?: string;
  readonly apiVersion?: string;
  readonly set?: Readonly<Record<string, string>>;
  /** The variables that hold secret settings, by the names of the settings. */
  readonly setFromEnv?: Readonly<Record<string, string>>;
}

/** Reads the key and all settings before LiteLLM is asked, then creates or updates the provider. */
export async function addProvider(name: string, flags: ProviderAddFlags, invocation: Invocation): Promise<Change> {
  const provider = providerTypeOf(name, flags);
  const secrets = secretValues(flags, name, invocation);
  const apiKey = await readProviderKey(flags, provider, invocation);
  if (apiKey) invocation.redaction.add([apiKey]);
  const { client } = await openAdmin(invocation, flags);
  const runtime = await runtimeOf(client, invocation);
  const given = {
    ...flags.set,
    ...secrets,
    ...(flags.apiBase === undefined ? {} : { api_base: flags.apiBase }),
    ...(flags.apiVersion === undefined ? {} : { api_version: flags.apiVersion }),
  };
  const values = reachable(given, runtime);
  for (const warning of addressWarnings(values, runtime)) invocation.warn(warning);
  const credential = { name, provider, apiKey, values };
  await refuseVirtualKey(client, credential);
  return changing(invocation, client, 'provider add', () => putCredential(client, credential));
}

/** `--provider`, or the name itself if it is a well-known provider. */
function providerTypeOf(name: string, flags: ProviderAddFlags): string {
  const provider = flags.provider ?? (name in KEY_VARIABLES ? name : undefined);
  if (provider !== undefined && name.trim() !== '') return provider;
  throw new CliError('usage', `Cannot tell which provider "${name}" is`, {
    hint: 'Add the provider: --provider openai',
  });
}
