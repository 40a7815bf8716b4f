import { hashOfFiles, LITELLM_CONFIG, type LitellmFiles } from '../../model/litellm-files.ts';
import { variablesIn } from './litellm-rules.ts';
import { litellmText } from './litellm-text.ts';

/** LiteLLM's own configuration (its config.yaml). */
export interface LitellmConfig {
  /** The file that contains it, as the user named it. */
  readonly source: string;
  /** Whether it is a separate file instead of a part of agents-llm.yaml. */
  readonly isFile: boolean;
  /** Its content; undefined until its file is read. */
  readonly value: LitellmMap | undefined;
  /** The configuration and the files that it names. */
  readonly files: LitellmFiles;
  readonly hash: string;
  /** The Python modules among them, which run inside the gateway. */
  readonly modules: readonly string[];
  /** The environment variables that it refers to. */
  readonly variables: readonly string[];
  /** The names of its models. */
  readonly models: readonly string[];
  /** Warnings about entries that LiteLLM does not read. */
  readonly warnings: readonly string[];
}

export type LitellmMap = Readonly<Record<string, unknown>>;

/** Placeholder for a file that has not been read yet. */
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
