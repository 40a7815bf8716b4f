import type { Context } from '../context/context.ts';
import type { ModelLimits } from '../litellm/requests/require-chat-model.ts';

/** How an agent reaches the gateway. */
export interface GatewayAccess {
  /** Without a path: `http://127.0.0.1:4000`. */
  readonly root: string;
  /** The full virtual key. It never appears in arguments. */
  readonly key: string;
  /** An alias of the gateway. */
  readonly model: string;
  /** The limits of the model; undefined if LiteLLM does not know them. */
  readonly limits?: ModelLimits | undefined;
}

/** What makes one run of an agent use the gateway. */
export interface AgentSetup {
  /** Placed before the user's own arguments, so that those win. Never contains a secret. */
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** Variables to unset, because they would contradict those above. */
  readonly removed: readonly string[];
}

type Settings = Readonly<Record<string, unknown>>;

/** For an agent that reads a setting only from a file: it is pointed at a changed copy of its settings. */
export interface SettingsCopy {
  /** The agent's own folder of settings, below the user's home, such as `.gemini`. */
  readonly folder: string;
  /** A JSON file in that folder. */
  readonly file: string;
  /** The variable that points the agent at the folder of the copy. */
  readonly variable: string;
  /** The subfolder in which the agent looks, such as `.gemini`; may be empty. */
  readonly below: string;
  readonly change: (settings: Settings, access: Omit<GatewayAccess, 'key'>) => Settings;
}

/** For an agent that prefers the variables in its settings files to those in its environment. */
export interface OverridingSettings {
  /** Its settings files, JSON with a group `env`. */
  readonly files: (place: Pick<Context, 'cwd' | 'env' | 'home'>) => readonly string[];
  /** The option that names one more such file, which wins over the others. */
  readonly option: string;
}

/** How a coding agent is configured to use a gateway. */
export interface Agent {
  /** As given to `launch`. */
  readonly name: string;
  readonly title: string;
  /** The program on PATH. */
  readonly program: string;
  /** A command line that installs it. */
  readonly install: string;
  readonly setup: (access: GatewayAccess) => AgentSetup;
  readonly settingsCopy?: SettingsCopy;
  readonly overridingSettings?: OverridingSettings;
  /** When and how this was verified; `version` is null if it was taken from documentation without being tried. */
  readonly checked: {
    readonly version: string | null;
    readonly date: string;
    readonly source: string;
    /** What the program itself did on the gateway, asked "ping"; null if it was not tried. */
    readonly seen: string | null;
  };
}
