import type { VariableFlags } from '../../litellm/trust/write-variables.ts';
import type { PullPolicy } from '../../runtime/runtime.ts';
import type { EnvironmentFlags } from '../environment/environment-flags.ts';
import type { RuntimeFlags } from '../open/choose-runtime.ts';
import type { SpecFlags } from '../open/plan-spec.ts';
import type { TlsFlags } from '../tls/tls-flags.ts';
import type { PasswordSource } from './ui-password.ts';

export interface UpFlags extends SpecFlags, RuntimeFlags, TlsFlags, VariableFlags, EnvironmentFlags {
  readonly timeout: number;
  readonly pull: PullPolicy;
  readonly dryRun?: boolean;
  readonly adopt?: boolean;
  /** False: `agents-llm.yaml` is not applied. */
  readonly apply?: boolean;
  /** Allows `agents-llm.yaml` as it is. */
  readonly trust?: boolean;
  /** A file with LiteLLM's own configuration; `off` removes it. */
  readonly litellmConfig?: string;
  readonly uiUsername?: string;
  readonly uiPassword?: PasswordSource;
}
