import type { KeptKeys } from '../keys/kept-keys.ts';
import type { AdminClient } from './client.ts';

/** The LiteLLM to configure, and the virtual keys from it that are saved here. */
export interface Admin {
  readonly client: AdminClient;
  readonly kept: KeptKeys;
  /** This host, as written into the metadata of keys: what tells our keys from those of others. */
  readonly host: string;
  readonly exclusively: Exclusively;
}

/** Runs an action while no other process that shares the saved keys does so for the same alias. */
export type Exclusively = <Result>(alias: string, action: () => Promise<Result>) => Promise<Result>;
