import type { ConfigVariable } from '../../litellm/config/config.ts';
import type { GivenVariable } from '../../model/gateway-environment.ts';

/** The flags of `up` for the gateway's variables. Without a flag, its variables stay; an empty list removes them. */
export interface EnvironmentFlags {
  readonly env?: readonly GivenVariable[];
  readonly envFile?: readonly string[];
  /** `off` for none. */
  readonly awsProfile?: string;
  /** Whether the gateway uses the HTTP proxies of the user's environment; false removes them. */
  readonly proxyFromEnv?: boolean;
  /** A file with certificates of authorities that the gateway is to trust; `off` removes them. */
  readonly ca?: string;
  /** The variables in `agents-llm.yaml`, with absolute paths. */
  readonly configEnvironment?: ConfigEnvironment;
}

export interface ConfigEnvironment {
  /** The name of the file in errors. */
  readonly shown: string;
  readonly variables: readonly ConfigVariable[];
  readonly awsProfile: string | undefined;
  readonly proxyFromEnv: boolean;
  readonly ca: string | undefined;
}
