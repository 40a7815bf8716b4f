import { asRecord, isRecord } from '../../text/json.ts';
import { findSecret, isSecretName, looksRandom } from '../config/config-secrets.ts';

type Path = readonly PropertyKey[];

/** An entry of LiteLLM's own configuration that is not allowed. */
export interface LitellmProblem {
  readonly path: Path;
  readonly message: string;
  /** Whether it is about the name of the entry rather than its value. */
  readonly ofName?: boolean;
  readonly secret?: boolean;
}

/** `general_settings.master_key`, for messages; unusual names are replaced by an ellipsis. */
export function shownPath(path: Path): string {
  return path.map((step) => (/^[\w.-]{1,64}$/.test(String(step)) ? String(step) : '…')).join('.');
}

type Map = Readonly<Record<string, unknown>>;

const BY_STACK = 'the stack sets this itself';

/** Settings that the stack owns, each with the reason. */
const OWNED: Readonly<Record<string, string>> = {
  master_key: `${BY_STACK}: every stack has its own master key in its .env file (change it with agents-llm rotate-master-key)`,
  database_url: `${BY_STACK}: the database is the stack's own, or the one of --database-url-from-env`,
  database_type: BY_STACK,
  salt_key: `${BY_STACK}: without the salt key of its data, provider keys could not be decrypted`,
  store_model_in_db: `${BY_STACK}: aliases and providers are kept in the database`,
};

/** Variables of the gateway that hold its secrets or the location of its data. */
const OWN_VARIABLE =
  /^(LITELLM_(MASTER|SALT)_KEY|DATABASE_\w+|DIRECT_URL|POSTGRES_\w+|UI_(USERNAME|PASSWORD)|STORE_MODEL_IN_DB|AGENTS_LLM_\w+|PRISMA_\w+)$/i;

/** Placeholders that people use as the key of a server that needs none. */
const PLACEHOLDER =
  /^(sk-)?(not?[-_ ]?(needed|required|used|necessary|key([-_]required)?|set|api[-_]?key)?|none|null|empty|dummy|fake|any(thing)?|unused|placeholder|ollama|local|lm[-_]?studio|vllm|sglang|x+|0+|1234)([-_ ](key|api[-_]?key|token))?$/i;

/** The problems that prevent the use of a configuration. */
export function litellmProblems(config: Map): readonly LitellmProblem[] {
  const general = asRecord(config.general_settings);
  const variables = asRecord(config.environment_variables);
  const owned = Object.keys(general).flatMap((key) => {
    const why = OWNED[key.replaceAll('-', '_').toLowerCase()];
    return why === undefined ? [] : [{ path: ['general_settings', key], ofName: true, message: why }];
  });
  const ownVariables = Object.keys(variables)
    .filter((name) => OWN_VARIABLE.test(name))
    .map((name) => ({ path: ['environment_variables', name], ofName: true, message: BY_STACK }));
  const include = 'include' in config ? [{ path: ['include'], ofName: true, message: INCLUDE }] : [];
  return [...owned, ...ownVariables, ...include, ...sectionProblems(config), ...valueProblems(config, [])];
}

const INCLUDE = 'other files are not included: put all of it into one file';

const SECTIONS = ['general_settings', 'litellm_settings', 'router_settings', 'environment_variables'];

/** Entries on which LiteLLM would crash. */
function sectionProblems(config: Map): readonly LitellmProblem[] {
  const maps = SECTIONS.filter((name) => config[name] != null && !isRecord(config[name])).map((name) => ({
    path: [name],
    message: 'must be a map',
  }));
  const { model_list: list } = config;
  if (list == null) return maps;
  if (!Array.isArray(list)) return [...maps, { path: ['model_list'], message: 'must be a list of models' }];
  return [...maps, ...list.flatMap((row: unknown, at) => rowProblems(row, ['model_list', at]))];
}

function rowProblems(row: unknown, path: Path): readonly LitellmProblem[] {
  if (!isRecord(row)) return [{ path, message: 'must be a map with model_name and litellm_params' }];
  const { model_name: name, litellm_params: params } = row;
  if (typeof name !== 'string' || name === '') return [{ path, message: 'model_name is missing' }];
  if (!isRecord(params)) return [{ path, message: 'litellm_params is missing' }];
  const { model } = params;
  return typeof model === 'string' && model !== ''
    ? []
    : [{ path: [...path, 'litellm_params'], message: 'model is missing' }];
}

function valueProblems(value: unknown, path: Path): readonly LitellmProblem[] {
  if (typeof value === 'string') return textProblems(value, path);
  if (Array.isArray(value)) return value.flatMap((inner, at) => valueProblems(inner, [...path, at]));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => valueProblems(inner, [...path, name]));
}

function textProblems(value: string, path: Path): readonly LitellmProblem[] {
  const reference = referenceIn(value);
  if (reference !== undefined) {
    return OWN_VARIABLE.test(reference)
      ? [{ path, message: "this would read the gateway's own secrets: name a variable of yours" }]
      : [];
  }
  const name = path.at(-1);
  const isNamedSecret = typeof name === 'string' && isSecretName(name) && !value.startsWith('$') && !isHarmless(value);
  const isSecret = isNamedSecret || findSecret(value) !== undefined;
  return isSecret ? [{ path, secret: true, message: 'this is a secret: write os.environ/NAME' }] : [];
}

/** A number, a file path, or a placeholder. */
export const isHarmless = (value: string) =>
  value.trim() === '' ||
  Number.isFinite(Number(value)) ||
  /^\.{0,2}\/[\w./-]+\.\w+$/.test(value) ||
  PLACEHOLDER.test(value);

/** The variable in `${NAME}` or `${NAME:-default}`, the syntax of Compose and the shell. */
export function shellVariableIn(value: string): string | undefined {
  return /^\$\{?([A-Za-z_]\w*)(?::?[-?][^}]*)?\}?$/.exec(value)?.[1];
}

/** The variable in `os.environ/NAME`. */
export function referenceIn(value: string): string | undefined {
  return /^\s*os\.environ\/(.+?)\s*$/.exec(value)?.[1];
}

/** The distinct environment variables that a configuration refers to. */
export function variablesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') {
    const name = referenceIn(value);
    return name === undefined || looksRandom(name) ? [] : [name];
  }
  if (typeof value !== 'object' || value === null) return [];
  return [...new Set(Object.values(value).flatMap(variablesIn))];
}
