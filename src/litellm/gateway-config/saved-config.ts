import { parse } from 'yaml';
import { LITELLM_CONFIG, type LitellmFiles, textOfFile } from '../../model/litellm-files.ts';
import { asRecord } from '../../text/json.ts';
import type { LitellmMap } from './litellm-config.ts';

/** LiteLLM's own configuration among the files of a stack; empty without one. The YAML parser takes long to load. */
export function savedConfig(files: LitellmFiles | undefined): LitellmMap {
  const value: unknown = files && parse(textOfFile(files[LITELLM_CONFIG] ?? ''), { version: '1.1' });
  return asRecord(value);
}
