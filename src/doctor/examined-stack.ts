import type { Operation } from '../context/invocation.ts';
import type { AdminClient } from '../litellm/admin/client.ts';
import type { CredentialRow, KeyRow, ModelRow } from '../litellm/admin/schemas.ts';
import type { ServiceState } from '../model/service.ts';
import type { StackSpec } from '../model/stack-spec.ts';
import type { StackSecrets } from '../project/secrets.ts';
import type { StackState } from '../project/state.ts';
import type { DataPlace, EngineFacts, Runtime } from '../runtime/runtime.ts';
import type { DataRows } from '../stack/data/data-rows.ts';
import type { DatabaseSize } from '../stack/data/database-size.ts';
import type { ProxyHealth } from '../stack/health/proxy-health.ts';
import type { SortedKeys } from '../stack/verify/sort-kept-keys.ts';
import type { Lookup } from './lookup.ts';

/** A stack as `doctor` sees it. What several checks need is looked up once, when it is first needed. */
export interface ExaminedStack extends ShownStack {
  readonly invocation: Operation;
  /** Whether services on the internet may be asked. */
  readonly online?: boolean;
  readonly runtime: Runtime;
  readonly state: Lookup<StackState | undefined>;
  readonly secrets: Lookup<StackSecrets | undefined>;
  /** The existing stack, or the one that `up` would create. */
  readonly spec: Lookup<StackSpec>;
  /** Of the docker command; null without Docker. */
  readonly cli: Lookup<string | null>;
  readonly endpoint: Lookup<string>;
  /** Null without Docker; `skew` is how far its clock is from this machine's, in milliseconds. */
  readonly engine: Lookup<(EngineFacts & { readonly skew: number | null }) | null>;
  readonly services: Lookup<readonly ServiceState[]>;
  readonly place: Lookup<DataPlace>;
  readonly url: Lookup<string>;
  /** Undefined if the gateway is not running. */
  readonly health: Lookup<ProxyHealth | undefined>;
}

/** What gateway and database contain. Everything is undefined until both run and the gateway is ready. */
export interface ShownStack {
  readonly client: Lookup<AdminClient | undefined>;
  readonly models: Lookup<readonly ModelRow[] | undefined>;
  readonly credentials: Lookup<readonly CredentialRow[] | undefined>;
  readonly keys: Lookup<readonly KeyRow[] | undefined>;
  readonly teams: Lookup<readonly { readonly team_id: string }[] | undefined>;
  readonly held: Lookup<HeldData | undefined>;
  /** The virtual keys saved on this machine. */
  readonly kept: Lookup<SortedKeys | undefined>;
}

export interface HeldData {
  /** The id of the data; undefined if none was written yet. */
  readonly id: string | undefined;
  readonly rows: DataRows;
  readonly size: DatabaseSize | undefined;
  /** Whether LiteLLM's role is a superuser. */
  readonly isSuperuser: boolean;
}
