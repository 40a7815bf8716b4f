import type { Workplace } from '../../context/invocation.ts';
import type { ConfigFile } from '../../litellm/trust/file-consent.ts';
import { readEnvironment } from '../../project/environment.ts';
import { shownValue } from '../../text/shown-value.ts';
import { authorityVariable } from './certificate-authority.ts';
import { environmentOfConfig } from './config-environment.ts';
import type { EnvironmentFlags } from './environment-flags.ts';

/** A sentence about the risk of a file with authorities that the gateway does not trust yet; none without such a file. */
export async function authorityRisk(
  { config, place }: ConfigFile,
  flags: EnvironmentFlags,
  { context, settings }: Workplace,
): Promise<readonly string[]> {
  const { ca } = environmentOfConfig(config, place, context.home);
  if (ca === undefined || flags.ca !== undefined) return [];
  const kept = (await readEnvironment(context.files, settings.paths)).filter(({ network }) => network === 'ca');
  const { variables } = await authorityVariable(ca, 'config', kept, { context, kept });
  const isTrusted = kept.some(({ value }) => value.reveal() === variables[0]?.value.reveal());
  const shown = shownValue(config.ca ?? '');
  return isTrusted ? [] : [`Whoever has the keys of ${shown} can read all that the gateway sends to providers`];
}
