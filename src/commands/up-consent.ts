import { readState } from '../stack/state.ts';
import { OWN_GATEWAY } from './config-identity.ts';
import { type ConfigFile, type FileConsent, fileConsent } from './file-consent.ts';
import type { Invocation } from './invocation.ts';
import { settingRisks } from './setting-risks.ts';
import { shownFile } from './shown-plan.ts';
import type { UpFlags } from './up.ts';
import { requireUsualVariables } from './write-variables.ts';

/** Refuses a file that is not allowed; a dry run, which changes nothing, asks for nothing. */
export async function consentToUp(file: ConfigFile, flags: UpFlags, invocation: Invocation): Promise<FileConsent> {
  requireUsualVariables(file, flags);
  const { files, env } = invocation.context;
  const consent = await fileConsent(file, OWN_GATEWAY, flags, invocation);
  if (flags.dryRun) return consent;
  const state = await readState(files, invocation.settings.paths);
  // A stack that a CI job makes has nothing yet that the job's own code could not reach.
  const isFreshInCi = env.CI === 'true' && !state;
  const risks = isFreshInCi ? [] : settingRisks(file.config, flags, env, state);
  await consent.settle(shownFile(file.config, risks));
  return consent;
}
