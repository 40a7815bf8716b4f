import type { Operation } from '../../context/invocation.ts';
import { keepOutOfLogs } from '../../context/keep-out-of-logs.ts';
import type { Admin } from '../admin/admin.ts';
import { putAlias } from '../admin/aliases.ts';
import type { Credential } from '../admin/credential-item.ts';
import { type Change, putCredential } from '../admin/credentials.ts';
import { probeCredential } from '../admin/test-credential.ts';
import { refuseVirtualKey } from '../admin/virtual-key.ts';
import type { KeyWish, ProvisionedKey } from './key-wish.ts';
import { provisionKey } from './provision-key.ts';

export interface SetupWish {
  readonly credential: Credential;
  /** What each model of the key leads to. */
  readonly target: string;
  readonly wish: KeyWish & { readonly models: readonly string[] };
  /** Whether the provider is asked for one answer first. */
  readonly check: boolean;
}

interface SetUpAlias {
  readonly name: string;
  readonly target: string;
  readonly change: Change;
}

export interface SetupData {
  readonly provider: { readonly name: string; readonly change: Change };
  /** One for each model of the key. */
  readonly aliases: readonly SetUpAlias[];
  readonly key: { readonly alias: string; readonly change: ProvisionedKey['change']; readonly key: string };
  readonly baseUrl: string;
  /** False when it was left out. */
  readonly checked: boolean;
}

/** Checks the provider key, then adds provider, aliases and virtual key as their own commands do. */
export async function setUp(
  admin: Admin,
  { credential, target, wish, check }: SetupWish,
  invocation: Pick<Operation, 'context' | 'progress' | 'redaction'>,
): Promise<SetupData & { readonly warnings: readonly string[] }> {
  const { progress } = invocation;
  const { name: provider } = credential;
  await refuseVirtualKey(admin.client, credential);
  if (check) {
    progress.phase(`Testing the key with ${provider}`);
    await probeCredential(admin.client, credential, target, 'agents-llm setup --no-check');
  }
  progress.phase(`Adding provider ${provider}`);
  const change = await putCredential(admin.client, credential);
  const aliases: SetUpAlias[] = [];
  for (const name of wish.models) {
    progress.phase(`Adding alias ${name}`);
    const alias = { name, target, credential: provider, params: {}, force: false, append: false };
    aliases.push({ name, target, change: await putAlias(admin.client, alias) });
  }
  progress.phase('Creating the virtual key');
  const { alias, change: keyChange, key, baseUrl, warnings } = await provisionKey(admin, wish);
  keepOutOfLogs(key, invocation);
  return {
    provider: { name: provider, change },
    aliases,
    key: { alias, change: keyChange, key: key.reveal() },
    baseUrl,
    checked: check,
    warnings,
  };
}
