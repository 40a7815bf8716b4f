import { CONFIG_FILE } from '../litellm/config/config.ts';
import { findConfig } from '../litellm/config/find-config.ts';
import { readAllowedFiles } from '../project/allowed-files.ts';
import type { Check } from './check.ts';
import type { ExaminedStack } from './examined-stack.ts';
import { type Finding, ok, skip, warn } from './finding.ts';

export const CONFIG_CHECKS: readonly Check[] = [{ id: 'config-file', run: checkConfig }];

/** Checks the file that `up` would apply here. A file that is not allowed is only a warning, because `up` asks first. */
async function checkConfig({ invocation: { context, settings } }: ExaminedStack): Promise<Finding> {
  const place = await findConfig(context);
  if (!place) return skip(`No ${CONFIG_FILE} here`);
  const [{ loadConfig }, { identityOf, OWN_GATEWAY }] = await Promise.all([
    import('../litellm/config/load-config.ts'),
    import('../litellm/trust/config-identity.ts'),
  ]);
  const { hash } = await identityOf(await loadConfig(context, place), place, OWN_GATEWAY);
  const allowed = await readAllowedFiles(context.files, settings.paths);
  if (allowed.some((file) => file.hash === hash)) return ok(`${place.shown} is allowed for this stack`);
  return warn(
    `${place.shown} is not allowed for this stack yet, so up asks first`,
    'See what it would change: agents-llm apply --dry-run',
  );
}
