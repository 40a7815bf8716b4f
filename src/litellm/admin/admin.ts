import type { KeptKeys } from '../keys/kept-keys.ts';
import type { AdminClient } from './client.ts';

/** The LiteLLM to configure, and the virtual keys from it that are saved here. */
export interface Admin {
  readonly client: AdminClient;
  readonly kept: KeptKeys;
  /** This host's name, which marks the keys that were created here in their metadata. */
  readonly host: string;
  readonly exclusively: Exclusively;
}

/** Runs an action while no other process that shares the saved keys runs one for the same alias. */
export type Exclusively = <Result>(alias: string, action: () => Promise<Result>) => Promise<Result>;
