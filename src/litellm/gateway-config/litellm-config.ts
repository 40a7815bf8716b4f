import { hashOfFiles, LITELLM_CONFIG, type LitellmFiles } from '../../model/litellm-files.ts';
import { variablesIn } from './litellm-rules.ts';
import { litellmText } from './litellm-text.ts';

/** LiteLLM's own configuration, as it is given to LiteLLM. */
export interface LitellmConfig {
  /** The file that it stands in, as its user names it. */
  readonly source: string;
  /** Whether that is a file of its own, and not agents-llm.yaml. */
  readonly isFile: boolean;
  /** What it says; undefined until its file is read. */
  readonly value: LitellmMap | undefined;
  /** Itself and what comes along. */
  readonly files: LitellmFiles;
  readonly hash: string;
  /** Those that are Python, which run inside the gateway. */
  readonly modules: readonly string[];
  /** The variables of the gateway that it takes values from. */
  readonly variables: readonly string[];
  /** The names of its models. */
  readonly models: readonly string[];
  /** Lines that LiteLLM does not read. */
  readonly warnings: readonly string[];
}

export type LitellmMap = Readonly<Record<string, unknown>>;

/** What stands for a file that is still to be read. */
export const NO_LITELLM: Omit<LitellmConfig, 'source' | 'isFile'> = {
  value: undefined,
  files: {},
  hash: '',
  modules: [],
  variables: [],
  models: [],
  warnings: [],
};

export function litellmConfigOf(
  value: LitellmMap,
  given: Pick<LitellmConfig, 'source' | 'isFile' | 'warnings'>,
): LitellmConfig {
  const files = { [LITELLM_CONFIG]: Buffer.from(litellmText(value)).toString('base64') };
  return {
    ...given,
    value,
    files,
    hash: hashOfFiles(files),
    modules: [],
    variables: variablesIn(value),
    models: modelNames(value),
  };
}

function modelNames({ model_list: rows }: LitellmMap): readonly string[] {
  if (!Array.isArray(rows)) return [];
  const names = rows.map((row: unknown) => (row as { model_name?: unknown } | null)?.model_name);
  return [...new Set(names.filter((name) => typeof name === 'string'))];
}
