import { CONFIG_FILE } from '../../admin/config.ts';
import { readAllowedFiles } from '../../stack/allowed-files.ts';
import { findConfig } from '../find-config.ts';
import type { Check } from './check.ts';
import type { ExaminedStack } from './examined-stack.ts';
import { type Finding, ok, skip, warn } from './finding.ts';

export const CONFIG_CHECKS: readonly Check[] = [{ id: 'config-file', look: lookAtConfig }];

/** Of the file that `up` would take here. What is not allowed does no harm: `up` asks first. */
async function lookAtConfig({ invocation: { context, settings } }: ExaminedStack): Promise<Finding> {
  const place = await findConfig(context);
  if (!place) return skip(`There is no ${CONFIG_FILE} here`);
  const [{ loadConfig }, { identityOf, OWN_GATEWAY }] = await Promise.all([
    import('../load-config.ts'),
    import('../config-identity.ts'),
  ]);
  const { hash } = await identityOf(await loadConfig(context, place), place, OWN_GATEWAY);
  const allowed = await readAllowedFiles(context.files, settings.paths);
  if (allowed.some((one) => one.hash === hash)) return ok(`${place.shown} is allowed for this stack`);
  return warn(
    `${place.shown} is not allowed for this stack: up asks before it applies it`,
    'agents-llm apply --dry-run',
  );
}
