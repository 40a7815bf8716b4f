import type { ModelLimits } from '../litellm/requests/require-chat-model.ts';

/** The gateway as an agent is to use it. */
export interface GatewayAccess {
  /** Without a path: `http://127.0.0.1:4000`. */
  readonly root: string;
  /** A virtual key in full, for the agent's environment alone. */
  readonly key: string;
  /** An alias of the gateway. */
  readonly model: string;
  /** Of the model; undefined where LiteLLM does not know them. */
  readonly limits?: ModelLimits | undefined;
}

/** What makes one run of an agent use the gateway. */
export interface AgentSetup {
  /** Stand before the user's own arguments, which therefore win. No secret is among them. */
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** Variables that would contradict those above, if the user has them. */
  readonly removed: readonly string[];
}

type Settings = Readonly<Record<string, unknown>>;

/** For an agent that takes a setting from a file alone: it reads our copy of its settings instead. */
export interface SettingsCopy {
  /** The agent's own folder of settings, below the user's home, such as `.gemini`. */
  readonly folder: string;
  /** A JSON file in that folder. */
  readonly file: string;
  /** The variable that leads the agent to the copy's folder. */
  readonly variable: string;
  /** Where in the folder that the variable names the agent looks: `.gemini`, or nothing. */
  readonly below: string;
  readonly change: (settings: Settings, access: Omit<GatewayAccess, 'key'>) => Settings;
}

/** How one coding agent is made to use a gateway. */
export interface Agent {
  /** As `launch` takes it. */
  readonly name: string;
  readonly title: string;
  /** The program on PATH. */
  readonly program: string;
  /** A command line that installs it. */
  readonly install: string;
  readonly setup: (access: GatewayAccess) => AgentSetup;
  readonly settingsCopy?: SettingsCopy;
  /** When and how it was found to be so; `version` is null where it was read and not tried. */
  readonly checked: { readonly version: string | null; readonly date: string; readonly source: string };
}
