import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** LiteLLM's own configuration and what it names, by their paths relative to it, each in Base64. */
export type LitellmFiles = Readonly<Record<string, string>>;

/** The configuration among them. */
export const LITELLM_CONFIG = 'litellm.yaml';

/** Stands in the configuration for the folder that the files are put into. */
export const LITELLM_FOLDER = '/agents-llm-files';

/** What a stack remembers of its LiteLLM configuration; the files themselves lie beside its state. */
export interface LitellmSpec {
  /** Of all the files. */
  readonly hash: string;
  /** Where it comes from: an agents-llm.yaml, or the file that `--litellm-config` names. */
  readonly source: string;
  readonly origin: 'yaml' | 'flag';
}

export function hashOfFiles(files: LitellmFiles): string {
  const sorted = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 12);
}

/** As one text that a container's environment can hold. */
export function packFiles(files: LitellmFiles): string {
  return gzipSync(JSON.stringify(files)).toString('base64');
}

/** Linux takes no environment variable of more than 128 KiB. */
export const MOST_PACKED = 120_000;

/** Undefined when the text is something else. */
export function parseFiles(text: string): LitellmFiles | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !(LITELLM_CONFIG in value)) return undefined;
    return Object.values(value).every((entry) => typeof entry === 'string') ? (value as LitellmFiles) : undefined;
  } catch {
    return undefined;
  }
}
