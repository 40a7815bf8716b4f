import { join } from 'node:path';
import type { Files } from '../io/files/files.ts';
import { environmentFiles, type GatewayVariable, parseEnvironment } from '../model/gateway-environment.ts';
import type { ProjectPaths } from '../model/paths.ts';
import { secretsInvalid } from '../model/secrets-errors.ts';

/** The variables that the user gives the gateway, as the last `up` wrote them. */
export async function gatewayVariables(
  files: Pick<Files, 'read'>,
  { environment }: Pick<ProjectPaths, 'environment'>,
): Promise<readonly GatewayVariable[]> {
  const text = await files.read(environment);
  const variables = text === undefined ? [] : parseEnvironment(text);
  if (variables) return variables;
  throw secretsInvalid(environment, 'it is not JSON as agents-llm writes it');
}

/** Writes the files that variables name into a folder that no other user can enter. Without such files, removes the folder. */
export async function writeGatewayFiles(
  files: Pick<Files, 'list' | 'makeFolder' | 'read' | 'remove' | 'write'>,
  folder: string,
  variables: readonly GatewayVariable[],
): Promise<void> {
  const wanted = environmentFiles(variables);
  if (wanted.size === 0) return files.remove(folder);
  await files.makeFolder(folder, 0o755);
  for (const name of await files.list(folder)) if (!wanted.has(name)) await files.remove(join(folder, name));
  for (const [name, text] of wanted) {
    const path = join(folder, name);
    // Readable by all, because the gateway runs under another user id.
    if ((await files.read(path)) !== text) await files.write(path, text, 0o644);
  }
}
