import { isAbsolute, join, resolve } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The folder for all data: `$AGENTS_LLM_HOME`, or else `agents-llm` in `$XDG_DATA_HOME`, in `%LOCALAPPDATA%` (Windows),
 * or in `~/.local/share`.
 */
export function homeFolder(env: Env, home: string, cwd: string): string {
  if (env.AGENTS_LLM_HOME) return resolve(cwd, env.AGENTS_LLM_HOME);
  // The XDG specification says to ignore relative values.
  const data = [env.XDG_DATA_HOME, env.LOCALAPPDATA].find((folder) => folder && isAbsolute(folder));
  return join(data ?? join(home, '.local', 'share'), 'agents-llm');
}

/** The paths of one project's files. */
export interface ProjectPaths {
  readonly folder: string;
  readonly state: string;
  readonly secrets: string;
  /** The user's variables for the gateway. */
  readonly environment: string;
  /** The same variables for Compose, generated from `environment`. */
  readonly composeEnvironment: string;
  /** Copies of the files that such variables name, for the gateway. */
  readonly gatewayFiles: string;
  /** Port, address and images as a dotenv file for Compose, generated from `state`. */
  readonly settings: string;
  /** The previous secrets, while a restore is in progress. */
  readonly secretsBefore: string;
  /** The `agents-llm.yaml` files that the user has allowed. */
  readonly allowedFiles: string;
  readonly lock: string;
  readonly keys: string;
  readonly backups: string;
  /** The files of the reverse proxy: certificate, key and configuration. */
  readonly tls: string;
  /** LiteLLM's own configuration and the files that it names. */
  readonly litellmFiles: string;
  /** For coding agents: copies of their settings, and receipts of changes to their own settings. */
  readonly agents: string;
}

export function projectPaths(home: string, project: string): ProjectPaths {
  const folder = join(home, project);
  return {
    folder,
    state: join(folder, 'state.json'),
    secrets: join(folder, '.env'),
    environment: join(folder, 'environment.json'),
    composeEnvironment: join(folder, 'compose.environment.yml'),
    gatewayFiles: join(folder, 'gateway-files'),
    settings: join(folder, 'compose.env'),
    secretsBefore: join(folder, '.env.before-restore'),
    allowedFiles: join(folder, 'allowed-files.json'),
    lock: join(folder, 'lock'),
    keys: join(folder, 'keys'),
    backups: join(folder, 'backups'),
    tls: join(folder, 'tls'),
    litellmFiles: join(folder, 'litellm-files.json'),
    agents: join(folder, 'agents'),
  };
}
