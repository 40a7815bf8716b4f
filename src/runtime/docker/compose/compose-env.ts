type Env = Readonly<Record<string, string | undefined>>;

/** All variables in docker-compose.yml and the files on top of it. A value in the user's shell would silently override ours. */
export const COMPOSE_VARIABLES = [
  'LITELLM_BIND',
  'LITELLM_CORS_ORIGINS',
  'LITELLM_DATABASE_URL',
  'LITELLM_DB_IMAGE',
  'LITELLM_FILES',
  'LITELLM_IMAGE',
  'LITELLM_IMAGE_COMMAND',
  'LITELLM_MASTER_KEY',
  'LITELLM_MEMORY',
  'LITELLM_NO_PROXY',
  'LITELLM_OWN_START',
  'LITELLM_PORT',
  'LITELLM_PUBLIC_URL',
  'LITELLM_REVISION',
  'LITELLM_SALT_KEY',
  'LITELLM_TLS_BIND',
  'LITELLM_TLS_HTTPS_PORT',
  'LITELLM_TLS_HTTP_PORT',
  'LITELLM_TLS_IMAGE',
  'LITELLM_TLS_REVISION',
  'POSTGRES_PASSWORD',
  'UI_PASSWORD',
  'UI_USERNAME',
] as const;

/** Variables without which Compose refuses to read the file, even to stop services (docker/compose#8117). */
export const REQUIRED_VARIABLES = [
  'LITELLM_MASTER_KEY',
  'LITELLM_SALT_KEY',
  'POSTGRES_PASSWORD',
  'UI_PASSWORD',
] as const;

/** The user's environment without variables that would change the meaning of our files. */
export function composeEnv(env: Env): Env {
  const ours: readonly string[] = COMPOSE_VARIABLES;
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith('COMPOSE_') && !ours.includes(name)),
  );
}

/** For `stop` and `down`, which use none of the values and must work even if `.env` is missing or invalid. */
export function composeEnvWithoutFiles(env: Env): Env {
  return {
    ...composeEnv(env),
    ...Object.fromEntries(REQUIRED_VARIABLES.map((name) => [name, 'unused'])),
    // Otherwise Compose reads the `.env` file in the project's folder.
    COMPOSE_DISABLE_ENV_FILE: '1',
  };
}
