import type { Files } from '../io/files/files.ts';
import { CliError } from '../model/errors.ts';
import { hashOfFiles, type LitellmFiles, parseFiles } from '../model/litellm-files.ts';
import type { ProjectPaths } from '../model/paths.ts';
import type { StackSpec } from '../model/stack-spec.ts';

/** Reads LiteLLM's own configuration from the project's folder; undefined for a stack without one. */
export async function litellmFilesOf(
  { litellm }: Pick<StackSpec, 'litellm'>,
  files: Pick<Files, 'read'>,
  { litellmFiles: path }: Pick<ProjectPaths, 'litellmFiles'>,
): Promise<LitellmFiles | undefined> {
  if (!litellm) return undefined;
  const configuration = parseFiles((await files.read(path)) ?? '');
  if (configuration && hashOfFiles(configuration) === litellm.hash) return configuration;
  throw new CliError('state_invalid', `${path} with LiteLLM's own configuration is missing or was changed`, {
    hint: `Write it again from ${litellm.source}: agents-llm up
Or go on without it: agents-llm up --litellm-config off`,
    details: { path, source: litellm.source },
  });
}
