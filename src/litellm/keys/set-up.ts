import type { Operation } from '../../context/invocation.ts';
import { keepOutOfLogs } from '../../context/keep-out-of-logs.ts';
import type { Admin } from '../admin/admin.ts';
import type { Params } from '../admin/alias-rows.ts';
import { putAlias } from '../admin/aliases.ts';
import type { Credential } from '../admin/credential-item.ts';
import { type Change, putCredential } from '../admin/credentials.ts';
import { probeCredential } from '../admin/test-credential.ts';
import { refuseVirtualKey } from '../admin/virtual-key.ts';
import { mockTarget } from '../aliases/alias-fields.ts';
import type { KeyWish, ProvisionedKey } from './key-wish.ts';
import { provisionKey } from './provision-key.ts';

/** The settings of the aliases. */
export interface SetupModels {
  /** Undefined for mocks, whose target follows from their name. */
  readonly target: string | undefined;
  readonly credential: Credential | undefined;
  readonly params: Params;
}

export interface SetupWish extends SetupModels {
  readonly wish: KeyWish & { readonly models: readonly string[] };
  /** Whether to test the provider key with one request first. */
  readonly check: boolean;
}

interface SetUpAlias {
  readonly name: string;
  readonly target: string;
  readonly change: Change;
}

export interface SetupData {
  /** Null for mocks, which need none. */
  readonly provider: { readonly name: string; readonly change: Change } | null;
  /** One alias for each model of the key. */
  readonly aliases: readonly SetUpAlias[];
  readonly key: { readonly alias: string; readonly change: ProvisionedKey['change']; readonly key: string };
  readonly baseUrl: string;
  /** Whether the provider key was tested. */
  readonly checked: boolean;
}

/** Checks the provider key, then adds provider, aliases and virtual key as their own commands do. */
export async function setUp(
  admin: Admin,
  { credential, target, params, wish, check }: SetupWish,
  invocation: Pick<Operation, 'context' | 'progress' | 'redaction'>,
): Promise<SetupData & { readonly warnings: readonly string[] }> {
  const { progress } = invocation;
  const provider = credential ? await addProvider(admin, { credential, target, check }, invocation) : null;
  const aliases: SetUpAlias[] = [];
  for (const name of wish.models) {
    progress.phase(`Adding alias ${name}`);
    const alias = { name, target: target ?? mockTarget(name), credential: credential?.name, params };
    const change = await putAlias(admin.client, { ...alias, force: false, append: false });
    aliases.push({ name, target: alias.target, change });
  }
  progress.phase('Creating the virtual key');
  const { alias, change, key, baseUrl, warnings } = await provisionKey(admin, wish);
  keepOutOfLogs(key, invocation);
  return {
    provider,
    aliases,
    key: { alias, change, key: key.reveal() },
    baseUrl,
    checked: provider !== null && check,
    warnings,
  };
}

interface NewProvider {
  readonly credential: Credential;
  readonly target: string | undefined;
  readonly check: boolean;
}

async function addProvider(
  { client }: Admin,
  { credential, target, check }: NewProvider,
  { progress }: Pick<Operation, 'progress'>,
) {
  const { name } = credential;
  await refuseVirtualKey(client, credential);
  if (check && target !== undefined) {
    progress.phase(`Testing the key with ${name}`);
    await probeCredential(client, credential, target, 'agents-llm setup --no-check');
  }
  progress.phase(`Adding provider ${name}`);
  return { name, change: await putCredential(client, credential) };
}
