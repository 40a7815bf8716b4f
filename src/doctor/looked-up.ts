import type { Invocation } from '../context/invocation.ts';
import type { AdminClient } from '../litellm/admin/client.ts';
import type { CredentialRow, KeyRow, ModelRow } from '../litellm/admin/schemas.ts';
import type { ServiceState } from '../model/service.ts';
import type { StackSpec } from '../model/stack-spec.ts';
import type { StackSecrets } from '../project/secrets.ts';
import type { StackState } from '../project/state.ts';
import type { DataPlace, EngineFacts, Runtime } from '../runtime/runtime.ts';
import type { DataRows } from '../stack/data/data-rows.ts';
import type { ProxyHealth } from '../stack/health/proxy-health.ts';
import type { SortedKeys } from '../stack/verify/sort-kept-keys.ts';
import type { Lookup } from './lookup.ts';

/** A stack as `doctor` sees it: what its checks share is looked up once, when the first of them asks. */
export interface ExaminedStack extends ShownStack {
  readonly invocation: Invocation;
  /** Whether others may be asked what is known of it. */
  readonly online?: boolean;
  readonly runtime: Runtime;
  readonly state: Lookup<StackState | undefined>;
  readonly secrets: Lookup<StackSecrets | undefined>;
  /** What the stack is, or would be. */
  readonly spec: Lookup<StackSpec>;
  /** Of the docker command; null without Docker. */
  readonly cli: Lookup<string | null>;
  readonly endpoint: Lookup<string>;
  /** Null without Docker; `skew` is how far its clock is from this machine's, in milliseconds. */
  readonly engine: Lookup<(EngineFacts & { readonly skew: number | null }) | null>;
  readonly services: Lookup<readonly ServiceState[]>;
  readonly place: Lookup<DataPlace>;
  readonly url: Lookup<string>;
  /** Undefined when the proxy does not run. */
  readonly health: Lookup<ProxyHealth | undefined>;
}

/** What proxy and database hold. All of it is undefined while they do not run, or the proxy is not ready. */
export interface ShownStack {
  readonly client: Lookup<AdminClient | undefined>;
  readonly models: Lookup<readonly ModelRow[] | undefined>;
  readonly credentials: Lookup<readonly CredentialRow[] | undefined>;
  readonly keys: Lookup<readonly KeyRow[] | undefined>;
  readonly teams: Lookup<readonly { readonly team_id: string }[] | undefined>;
  readonly held: Lookup<HeldData | undefined>;
  /** The virtual keys that are kept on this machine. */
  readonly kept: Lookup<SortedKeys | undefined>;
}

export interface HeldData {
  /** Which data it is; undefined when nothing is written about that. */
  readonly id: string | undefined;
  readonly rows: DataRows;
  /** Whether LiteLLM's role has all rights. */
  readonly isSuperuser: boolean;
}
