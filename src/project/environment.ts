import type { Files } from '../io/files/files.ts';
import { type GatewayVariable, parseEnvironment, renderEnvironment } from '../model/gateway-environment.ts';
import type { ProjectPaths } from '../model/paths.ts';
import { secretsInvalid } from '../model/secrets-errors.ts';
import { guardWrite, readStateFile } from './project-folder.ts';

type Paths = Pick<ProjectPaths, 'environment'>;

/** The gateway's variables from an earlier `up`; empty if there are none. */
export async function readEnvironment(
  files: Pick<Files, 'read'>,
  { environment }: Paths,
): Promise<readonly GatewayVariable[]> {
  const text = await readStateFile(files, environment, 'secrets_invalid');
  if (text === undefined) return [];
  const variables = parseEnvironment(text);
  if (variables) return variables;
  throw secretsInvalid(environment, 'it is not JSON as agents-llm writes it');
}

/** Removes the file if there are no variables. */
export async function writeEnvironment(
  files: Pick<Files, 'read' | 'write' | 'remove'>,
  { environment }: Paths,
  variables: readonly GatewayVariable[],
): Promise<void> {
  const before = await readStateFile(files, environment, 'secrets_invalid');
  const after = variables.length === 0 ? undefined : renderEnvironment(variables);
  if (before === after) return;
  await guardWrite(environment, () =>
    after === undefined ? files.remove(environment) : files.write(environment, after, 0o600),
  );
}
