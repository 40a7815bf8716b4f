import { isRecord } from '../../text/json.ts';
import { similarNames } from '../../text/similar-name.ts';
import KNOWN from './known-keys.json' with { type: 'json' };
import { shellVariableIn } from './litellm-rules.ts';

const words = (text: string) => new Set(text.split(' '));

const SECTIONS = {
  general_settings: words(KNOWN.general_settings),
  router_settings: words(KNOWN.router_settings),
  litellm_settings: words(KNOWN.litellm_settings),
} as const;
const TOP = words(KNOWN.top);
const PARAMS = words(KNOWN.litellm_params);
const ROW = new Set(['model_name', 'litellm_params', 'model_info']);
/** Names from other programs and older manuals. */
const MEANT: Readonly<Record<string, string>> = {
  environment: 'environment_variables',
  env: 'environment_variables',
  models: 'model_list',
  settings: 'general_settings',
  router: 'router_settings',
};

export interface KeyDoubt {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

type Map = Readonly<Record<string, unknown>>;

/** The keys that LiteLLM does not read where they are, each with the nearest place where it would. */
export function doubtfulKeys(config: Map): readonly KeyDoubt[] {
  const doubts = Object.keys(config).flatMap((key) => doubtOf(key, [], TOP));
  for (const [section, known] of Object.entries(SECTIONS)) {
    const found = config[section];
    if (isRecord(found)) doubts.push(...Object.keys(found).flatMap((key) => doubtOf(key, [section], known)));
  }
  const rows: readonly unknown[] = Array.isArray(config.model_list) ? config.model_list : [];
  for (const [at, row] of rows.entries()) {
    if (!isRecord(row)) continue;
    for (const key of Object.keys(row)) {
      if (ROW.has(key) || !PARAMS.has(key)) continue;
      doubts.push({ path: ['model_list', at, key], message: `${NOTHING}: move it to litellm_params` });
    }
  }
  return [...doubts, ...shellVariables(config, [])];
}

const NOTHING = 'LiteLLM does not read this here, so it has no effect';

function doubtOf(key: string, path: readonly string[], known: ReadonlySet<string>): readonly KeyDoubt[] {
  if (known.has(key)) return [];
  const plain = key.replaceAll('-', '_').toLowerCase();
  const right = path.length === 0 ? MEANT[plain] : undefined;
  const advice = right ?? (known.has(plain) ? plain : undefined);
  const doubt = (rest: string): readonly KeyDoubt[] => [{ path: [...path, key], message: `${NOTHING}${rest}` }];
  if (advice !== undefined) return doubt(` (did you mean ${advice}?)`);
  const elsewhere = placesOf(plain);
  if (elsewhere.length > 0) return doubt(`: move it to ${elsewhere.join(' or ')}`);
  const [similar] = similarNames(plain, [...known]);
  if (similar !== undefined) return doubt(` (did you mean ${similar}?)`);
  const [other] = similarNames(
    plain,
    Object.values(SECTIONS).flatMap((names) => [...names]),
  );
  return doubt(other === undefined ? '' : ` (did you mean ${other} in ${placesOf(other).join(' or ')}?)`);
}

const placesOf = (key: string): readonly string[] => [
  ...Object.entries(SECTIONS).flatMap(([section, known]) => (known.has(key) ? [section] : [])),
  ...(TOP.has(key) ? ['the top level'] : []),
];

/** `${NAME}` is syntax of Compose and the shell, which LiteLLM does not expand. */
function shellVariables(value: unknown, path: readonly PropertyKey[]): readonly KeyDoubt[] {
  if (typeof value === 'string') {
    const name = shellVariableIn(value);
    return name === undefined ? [] : [{ path, message: `LiteLLM does not replace this: write os.environ/${name}` }];
  }
  if (Array.isArray(value)) return value.flatMap((inner, at) => shellVariables(inner, [...path, at]));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => shellVariables(inner, [...path, name]));
}
