import type { Invocation } from '../../context/invocation.ts';
import { type ConfigPlace, findConfig } from '../../litellm/config/find-config.ts';
import type { ConfigFile, FileConsent } from '../../litellm/trust/file-consent.ts';
import { CliError } from '../../model/errors.ts';
import type { Outcome } from '../../model/report.ts';
import { npxLine } from '../../model/settings.ts';
import type { UpFlags } from './up-options.ts';
import type { UpData } from './up-outcome.ts';

/** Starts the stack as `agents-llm.yaml` says and then applies it, when there is one and `--no-apply` is not given. */
export async function upWithConfig(
  flags: UpFlags,
  invocation: Invocation,
  up: (flags: UpFlags) => Promise<Outcome<UpData>>,
): Promise<Outcome<UpData>> {
  const place = flags.apply === false ? undefined : await findConfig(invocation.context);
  if (!place) return up(flags);
  // Loaded for a file only, because the YAML parser takes long to load.
  const [{ loadConfig }, { flagsWithConfig }, { consentToUp }] = await Promise.all([
    import('../../litellm/config/load-config.ts'),
    import('./config-settings.ts'),
    import('./up-consent.ts'),
  ]);
  const config = await loadConfig(invocation.context, place);
  // Before the file has any effect and anything is created or started.
  const consent = await consentToUp({ config, place }, flags, invocation);
  const outcome = await up(await flagsWithConfig(flags, config, place, invocation));
  const { data, warnings = [] } = outcome;
  if (data.plan) {
    const last = consent.isAllowed ? `Apply ${place.shown}` : `Ask whether to apply ${place.shown}, then apply it`;
    const unread = config.litellm?.warnings ?? [];
    return { ...outcome, data: { ...data, plan: [...data.plan, last] }, warnings: [...warnings, ...unread] };
  }
  const applied = await applyTo(invocation, { config, place }, consent);
  return {
    ...outcome,
    data: {
      ...data,
      applied: { file: applied.file, plan: applied.plan },
      nextSteps: ['run -- COMMAND', 'chat "Say hello"'].map((step) => npxLine(data.project, step)),
    },
    warnings: [...warnings, ...applied.warnings],
  };
}

/** Applies the file to the stack's own gateway, which is up. */
async function applyTo(invocation: Invocation, { config, place }: ConfigFile, consent: FileConsent) {
  const [{ applyConfig }, { openAdmin }, { settingWarnings }] = await Promise.all([
    import('../../litellm/apply/apply-config.ts'),
    import('../../litellm/open-admin.ts'),
    import('./config-settings.ts'),
  ]);
  const own = onOwnStack(invocation);
  try {
    const admin = await openAdmin(own, {});
    const options = { dryRun: false, prune: false, force: false, check: true, consent };
    const applied = await applyConfig({ config, place }, admin, options, own);
    const warnings = [...(await settingWarnings(config, place, admin, own)), ...applied.warnings];
    return { ...applied, warnings };
  } catch (error) {
    throw notApplied(error, place);
  }
}

/** The stack's own gateway, even if the environment names another LiteLLM. */
function onOwnStack(invocation: Invocation): Invocation {
  const { LITELLM_BASE_URL: _, LITELLM_MASTER_KEY: __, ...env } = invocation.context.env;
  return { ...invocation, context: { ...invocation.context, env } };
}

function notApplied(error: unknown, { shown }: ConfigPlace): unknown {
  if (!(error instanceof CliError)) return error;
  const { code, lines, details, cause } = error;
  const [first = '', ...others] = lines;
  const hint = error.hint ?? '';
  // Many errors of `apply` already name the next command.
  const goOn = / apply\b/.test(hint) ? [] : ['Then run: agents-llm apply'];
  return new CliError(code, [`The gateway is up, but ${shown} could not be applied: ${first}`, ...others], {
    hint: [...(hint === '' ? [] : [hint]), ...goOn].join('\n'),
    details,
    cause,
  });
}
