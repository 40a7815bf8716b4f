import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { isRecord, jsonValue } from '../text/json.ts';

/** LiteLLM's own configuration and the files that it names, by relative path, each in Base64. */
export type LitellmFiles = Readonly<Record<string, string>>;

/** The name of the configuration itself. */
export const LITELLM_CONFIG = 'litellm.yaml';

/** Placeholder in the configuration for the folder of the files. */
export const LITELLM_FOLDER = '/agents-llm-files';

/** What the state of a stack records about its LiteLLM configuration. The files are stored beside the state. */
export interface LitellmSpec {
  /** Of all the files. */
  readonly hash: string;
  /** Where it comes from: an agents-llm.yaml, or the file in `--litellm-config`. */
  readonly source: string;
  readonly origin: 'yaml' | 'flag';
}

/** Of one of the files. */
export const textOfFile = (content: string): string => Buffer.from(content, 'base64').toString();

export function hashOfFiles(files: LitellmFiles): string {
  const sorted = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 12);
}

/** Packs the files into one text for an environment variable of the container. */
export function packFiles(files: LitellmFiles): string {
  return gzipSync(JSON.stringify(files)).toString('base64');
}

/** Linux limits an environment variable to 128 KiB. */
export const MOST_PACKED = 120_000;

/** Undefined if the text is anything else. */
export function parseFiles(text: string): LitellmFiles | undefined {
  const value = jsonValue(text);
  if (!isRecord(value) || !(LITELLM_CONFIG in value)) return undefined;
  return Object.values(value).every((entry) => typeof entry === 'string') ? (value as LitellmFiles) : undefined;
}
