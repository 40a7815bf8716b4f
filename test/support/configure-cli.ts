import { onTestFinished } from 'vitest';
import { MASTER_KEY, startFakeLitellm } from './fake-litellm.ts';
import type { FakeLitellm } from './fake-litellm-state.ts';
import type { LitellmVersion } from './recorded-litellm.ts';
import { runBin } from './run-bin.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface ConfigureCli {
  readonly fake: FakeLitellm;
  readonly home: string;
  /** What `run` gives the command. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs the built command against the test server. */
  readonly run: (args: readonly string[], env?: Record<string, string>, stdin?: string) => ReturnType<typeof runBin>;
}

export async function configureCli(version?: LitellmVersion): Promise<ConfigureCli> {
  const fake = await startFakeLitellm(version);
  onTestFinished(() => fake.close());
  const home = await temporaryFolder();
  const shared = {
    HOME: home,
    PATH: process.env.PATH ?? '',
    LITELLM_BASE_URL: fake.url,
    LITELLM_MASTER_KEY: MASTER_KEY,
  };
  return { fake, home, env: shared, run: (args, env = {}, stdin = '') => runBin(args, { ...shared, ...env }, stdin) };
}
