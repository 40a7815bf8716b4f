import { VARIABLE_NAME } from '../text/variable-name.ts';

/** Variables that the stack sets, or that determine how the gateway is started and reached. */
const OWNED = [
  /^(DATABASE_.*|DIRECT_URL|IAM_TOKEN_DB_AUTH|PRISMA_.*|POSTGRES_.*)$/,
  /^LITELLM_(MASTER_KEY|SALT_KEY|CORS_ORIGINS|CORS_ALLOW_CREDENTIALS|MIGRATION_DIR|MODE)$/,
  /^(PROXY_MASTER_KEY|STORE_MODEL_IN_DB|UI_USERNAME|UI_PASSWORD|CONFIG_FILE_PATH|WORKER_CONFIG)$/,
  /^(PORT|HOST|NUM_WORKERS|SERVER_ROOT_PATH|AGENTS_LLM_.*)$/,
];

/** Variables that change which programs run or where they load code from. */
const LOADERS =
  /^(PATH|HOME|USER|LOGNAME|SHELL|IFS|ENV|BASH_ENV|PYTHON.*|LD_.*|DYLD_.*|GLIBC_.*|GCONV_.*|MALLOC_.*|NODE_.*)$/;

/** Why a variable cannot be given to the gateway, as the end of a sentence; undefined if it can. */
export function variableProblem(name: string): string | undefined {
  if (!VARIABLE_NAME.test(name)) return 'is not the name of a variable';
  if (OWNED.some((pattern) => pattern.test(name))) return 'belongs to the stack, which sets it';
  return LOADERS.test(name) ? 'changes how programs run, so it cannot be set' : undefined;
}
