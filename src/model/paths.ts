import { isAbsolute, join, resolve } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Where everything is kept: `$AGENTS_LLM_HOME`, else `agents-llm` in `$XDG_DATA_HOME`, in `%LOCALAPPDATA%`, which Windows
 * alone sets, or in `~/.local/share`.
 */
export function homeFolder(env: Env, home: string, cwd: string): string {
  if (env.AGENTS_LLM_HOME) return resolve(cwd, env.AGENTS_LLM_HOME);
  // The XDG specification has relative values ignored.
  const data = [env.XDG_DATA_HOME, env.LOCALAPPDATA].find((folder) => folder && isAbsolute(folder));
  return join(data ?? join(home, '.local', 'share'), 'agents-llm');
}

/** The files of one project; nothing here is created by naming it. */
export interface ProjectPaths {
  readonly folder: string;
  readonly state: string;
  readonly secrets: string;
  /** Variables of the gateway that its user has given. */
  readonly environment: string;
  /** The same for Compose; written again from it. */
  readonly composeEnvironment: string;
  /** Files that such variables name, as the gateway finds them. */
  readonly gatewayFiles: string;
  /** Port, address and images in dotenv form, for Compose; written again from `state`. */
  readonly settings: string;
  /** While a restore is under way: the secrets as they were before it. */
  readonly secretsBefore: string;
  /** Which `agents-llm.yaml` its user has allowed. */
  readonly allowedFiles: string;
  readonly lock: string;
  readonly keys: string;
  readonly backups: string;
  /** What the reverse proxy is given: certificate, key and its configuration. */
  readonly tls: string;
  /** LiteLLM's own configuration and what it names, as they are given to it. */
  readonly litellmFiles: string;
  /** Settings of coding agents: our copies, and receipts of what was written into their own. */
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
