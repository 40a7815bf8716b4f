/** What the stack itself gives the gateway, or what decides how the gateway is started and found. */
const OWNED = [
  /^(DATABASE_.*|DIRECT_URL|IAM_TOKEN_DB_AUTH|PRISMA_.*|POSTGRES_.*)$/,
  /^LITELLM_(MASTER_KEY|SALT_KEY|CORS_ORIGINS|CORS_ALLOW_CREDENTIALS|MIGRATION_DIR|MODE)$/,
  /^(PROXY_MASTER_KEY|STORE_MODEL_IN_DB|UI_USERNAME|UI_PASSWORD|CONFIG_FILE_PATH|WORKER_CONFIG)$/,
  /^(PORT|HOST|NUM_WORKERS|SERVER_ROOT_PATH|AGENTS_LLM_.*)$/,
];

/** What changes which programs run, and from where they take their code. */
const LOADERS =
  /^(PATH|HOME|USER|LOGNAME|SHELL|IFS|ENV|BASH_ENV|PYTHON.*|LD_.*|DYLD_.*|GLIBC_.*|GCONV_.*|MALLOC_.*|NODE_.*)$/;

/** Why a variable cannot be given to the gateway, as the end of a sentence; undefined when it can. */
export function variableProblem(name: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return 'is not the name of a variable';
  if (OWNED.some((pattern) => pattern.test(name))) return 'belongs to the stack, which sets it';
  return LOADERS.test(name) ? 'changes how programs run, so it cannot be set' : undefined;
}
