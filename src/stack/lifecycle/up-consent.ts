import type { Task } from '../../context/invocation.ts';
import { shownFile } from '../../litellm/apply/shown-plan.ts';
import { OWN_GATEWAY } from '../../litellm/trust/config-identity.ts';
import { type ConfigFile, type FileConsent, fileConsent } from '../../litellm/trust/file-consent.ts';
import { requireUsualVariables } from '../../litellm/trust/write-variables.ts';
import { readState } from '../../project/state.ts';
import { authorityRisk } from '../environment/authority-risk.ts';
import { settingRisks } from './setting-risks.ts';
import type { UpFlags } from './up-options.ts';

/** Refuses a file that is not allowed; a dry run changes nothing, so it needs no permission. */
export async function consentToUp(file: ConfigFile, flags: UpFlags, invocation: Task): Promise<FileConsent> {
  requireUsualVariables(file, flags);
  const { files, env } = invocation.context;
  const consent = await fileConsent(file, OWN_GATEWAY, flags, invocation);
  if (flags.dryRun) return consent;
  const state = await readState(files, invocation.settings.paths);
  // A stack that a CI job creates contains nothing yet that the job's own code could not reach.
  const isFreshInCi = env.CI === 'true' && !state;
  const ofSettings = () => settingRisks(file.config, flags, env, state);
  const risks = isFreshInCi ? [] : [...ofSettings(), ...(await authorityRisk(file, flags, invocation))];
  await consent.settle(shownFile(file.config, risks));
  return consent;
}
