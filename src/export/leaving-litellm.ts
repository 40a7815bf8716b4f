import { LITELLM_CONFIG, LITELLM_FOLDER, type LitellmFiles, textOfFile } from '../model/litellm-files.ts';
import type { HandOverFile } from './hand-over.ts';

/** The folder beside an exported Compose file that LiteLLM's own configuration is written to. */
const LITELLM_MOUNT = 'litellm';

/** LiteLLM's own configuration and what it names, as files that are mounted where it names them. */
export function litellmHandOver(files: LitellmFiles | undefined): readonly HandOverFile[] {
  return Object.entries(files ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, content]) => ({ name: `${LITELLM_MOUNT}/${name}`, text: textOfFile(content) }));
}

/** What the gateway's service in an exported Compose file has besides. */
export function litellmService(files: LitellmFiles | undefined) {
  if (!files) return {};
  return {
    command: ['--config', `${LITELLM_FOLDER}/${LITELLM_CONFIG}`, '--port', '4000'],
    volumes: [`./${LITELLM_MOUNT}:${LITELLM_FOLDER}:ro`],
  };
}

/** Those beside the configuration itself. */
export const namedBeside = (files: LitellmFiles | undefined): readonly string[] =>
  Object.keys(files ?? {})
    .filter((name) => name !== LITELLM_CONFIG)
    .sort();
