import type { Invocation } from '../context/invocation.ts';
import { requireTrustedImage } from '../litellm/releases/trusted-image.ts';
import { CliError } from '../model/errors.ts';
import { readEnvironment } from '../project/environment.ts';
import { litellmFilesOf } from '../runtime/litellm-files.ts';
import { requireOwnDatabase } from '../stack/open/external-database.ts';
import { readStack } from '../stack/open/open-stack.ts';
import { type Leaving, networkWarnings, specInImages } from './hand-over.ts';

/** Reads the stack that is exported. Throws if there is none, or if its data is in an external database. */
export async function readLeaving(
  invocation: Pick<Invocation, 'context' | 'settings' | 'redaction'>,
): Promise<Leaving> {
  const { paths } = invocation.settings;
  const { state, secrets } = await readStack(invocation);
  if (!state || !secrets)
    throw new CliError('not_running', 'No stack exists yet', { hint: 'Create it: agents-llm up' });
  requireOwnDatabase(
    state,
    'The database is external, so there is no data to move',
    `Start LiteLLM elsewhere on the same database, with LITELLM_SALT_KEY and LITELLM_MASTER_KEY from ${paths.secrets}`,
  );
  const spec = specInImages(state);
  const { files } = invocation.context;
  const given = await readEnvironment(files, paths);
  const warnings = [...requireTrustedImage(spec.image, { installed: false }), ...networkWarnings(given)];
  const variables = given.filter(({ network }) => network === undefined);
  const litellmFiles = await litellmFilesOf(state, files, paths);
  const hasReverseProxy = Boolean(state.tls);
  return { spec, warnings, secrets, secretsFile: paths.secrets, variables, litellmFiles, hasReverseProxy };
}
