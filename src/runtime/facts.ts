import type { EngineIdentity } from './runtime.ts';

/** What a runtime needs of its machine. Each is looked up by itself, and throws the CliError that says what is wrong. */
export type RuntimeFacts = DockerFacts | NativeFacts;

export interface DockerFacts {
  readonly kind: 'docker';
  /** Of the docker command. */
  cliVersion(): Promise<string>;
  composeVersion(): Promise<string>;
  engine(): Promise<EngineFacts>;
}

export interface EngineFacts extends EngineIdentity {
  readonly version: string;
  /** Bytes; 0 when it does not say. */
  readonly memory: number;
  /** Its clock at the moment of the answer, in milliseconds since the epoch; null when it does not say. */
  readonly now: number | null;
  /** The folder on its machine that holds images and volumes; empty when it does not say. */
  readonly storage: string;
}

export interface NativeFacts {
  readonly kind: 'native';
  /** The Python that LiteLLM is installed with, or the one that it would be installed with. */
  python(): Promise<{ readonly executable: string; readonly version: string }>;
  /** PostgreSQL's data directory, which it can use; undefined before the first start. */
  dataFolder(): Promise<{ readonly path: string; readonly mode: number } | undefined>;
}
