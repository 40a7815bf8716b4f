import { type Command, Option } from 'commander';
import { addNotes, type CommandNotes } from '../cli/command-help.ts';
import { addBaseUrl } from '../cli/flag-values.ts';
import type { Invoke } from '../cli/invoke.ts';
import type { Invocation } from '../context/invocation.ts';
import type { Paint } from '../io/terminal/paint.ts';
import { applyConfig } from '../litellm/apply/apply-config.ts';
import { countSteps, type PlannedStep, stepLines } from '../litellm/apply/plan-view.ts';
import { type Written, writeConfig } from '../litellm/apply/write-config.ts';
import { CONFIG_FILE } from '../litellm/config/config.ts';
import { findConfig, placeOf, requireConfig } from '../litellm/config/find-config.ts';
import { loadConfig } from '../litellm/config/load-config.ts';
import { type AdminFlags, openAdmin } from '../litellm/open-admin.ts';
import { gatewayOf } from '../litellm/trust/config-identity.ts';
import { fileConsent } from '../litellm/trust/file-consent.ts';
import { untrust } from '../litellm/trust/untrust.ts';
import { collectVariable, requireUsualVariables, type VariableFlags } from '../litellm/trust/write-variables.ts';
import type { Outcome } from '../model/report.ts';
import { settingWarnings } from '../stack/lifecycle/config-settings.ts';
import { formatDuration } from '../text/duration.ts';

export interface ApplyFlags extends AdminFlags, VariableFlags {
  readonly file?: string;
  readonly dryRun?: boolean;
  readonly prune?: boolean;
  readonly force?: boolean;
  readonly check: boolean;
  readonly fromProxy?: boolean;
  readonly trust?: boolean;
  readonly untrust?: boolean;
}

export interface ApplyData {
  readonly file: string;
  /** `none` for a dry run, `written` for --from-proxy, `untrusted` for --untrust. */
  readonly change: 'applied' | 'unchanged' | 'none' | 'written' | 'untrusted';
  /** Whether the file may be applied to this stack. */
  readonly allowed: boolean;
  /** What was done or, for a dry run, what would be. */
  readonly plan: readonly PlannedStep[];
  /** Steps that need a separate confirmation. */
  readonly risks: readonly string[];
  /** Counts of what --from-proxy wrote. */
  readonly written: Pick<Written, 'providers' | 'aliases' | 'keys'> | null;
  readonly elapsedMs: number;
}

export function registerApply(command: Command, invoke: Invoke, run = runApply): void {
  addNotes(command, NOTES);
  command
    .option('--file <path>', `the file (default: the nearest ${CONFIG_FILE} of this repository)`)
    .option('--dry-run', 'show the plan, but change nothing')
    .option('--prune', 'remove what an earlier version of the file created')
    .option('--no-check', 'do not test new provider keys with one real request')
    .addOption(
      new Option('--from-proxy', 'write the file from what LiteLLM has, without secrets').conflicts([
        'dryRun',
        'prune',
      ]),
    )
    .option('-f, --force', 'overwrite the file, merge several targets, write to tracked files')
    .option('--trust', 'allow the file without asking (AGENTS_LLM_TRUST=1)')
    .addOption(
      new Option('--untrust', 'revoke the permission of the file').conflicts(['trust', 'dryRun', 'prune', 'fromProxy']),
    )
    .option('--write-variable <name>', 'let write_env set this variable too (repeatable)', collectVariable);
  addBaseUrl(command).action(() =>
    invoke(command, (invocation) => run(command.opts<ApplyFlags>(), invocation), renderApply),
  );
}

export async function runApply(flags: ApplyFlags, invocation: Invocation): Promise<Outcome<ApplyData>> {
  const { context } = invocation;
  const began = context.clock.now();
  const { dryRun = false, prune = false, force = false, check } = flags;
  const empty = { plan: [], risks: [], written: null };
  if (flags.fromProxy) {
    const place = (await findConfig(context, flags.file)) ?? placeOf(context, CONFIG_FILE);
    const admin = await openAdmin(invocation, flags);
    const { file, warnings, ...written } = await writeConfig(place, admin, force, invocation);
    const elapsedMs = context.clock.now() - began;
    return { data: { ...empty, file, change: 'written', allowed: true, written, elapsedMs }, warnings };
  }
  const place = await requireConfig(context, flags.file);
  if (flags.untrust) {
    const change = (await untrust(place, invocation)) ? 'untrusted' : 'unchanged';
    const elapsedMs = context.clock.now() - began;
    return { data: { ...empty, file: place.shown, change, allowed: false, elapsedMs } };
  }
  const found = { config: await loadConfig(context, place), place };
  requireUsualVariables(found, flags);
  const admin = await openAdmin(invocation, flags);
  const consent = await fileConsent(found, gatewayOf(admin), flags, invocation);
  const settings = await settingWarnings(found.config, place, admin, invocation);
  const { warnings, ...applied } = await applyConfig(
    found,
    admin,
    { dryRun, prune, force, check, consent },
    invocation,
  );
  const elapsedMs = context.clock.now() - began;
  const data: ApplyData = { ...applied, allowed: consent.isAllowed, written: null, elapsedMs };
  return { data, warnings: [...settings, ...warnings] };
}

const DONE = { create: 'created', update: 'updated', remove: 'removed' };
const TO_DO = { create: 'to create', update: 'to update', remove: 'to remove' };

export function renderApply(data: ApplyData, paint: Paint): string {
  const { file, change, allowed, plan, risks, written, elapsedMs } = data;
  if (change === 'untrusted') return `${file}: no longer allowed\n`;
  if (written) {
    const { providers, aliases, keys } = written;
    return `${file}: written (providers: ${providers}, aliases: ${aliases}, keys: ${keys})\n`;
  }
  if (plan.length === 0) return `${file}: nothing to change\n`;
  const end =
    change === 'none' ? `${countSteps(plan, TO_DO)}` : `${countSteps(plan, DONE)} (${formatDuration(elapsedMs)})`;
  const marked = change === 'none' ? risks.map((risk) => paint.yellow(`! ${risk}`)) : [];
  const asks = change === 'none' && !allowed ? [`${file} is not allowed yet, so apply asks first`] : [];
  return [...stepLines(plan, paint), ...marked, `${file}: ${end}`, ...asks, ''].join('\n');
}

const NOTES: CommandNotes = {
  examples: [
    'agents-llm apply --dry-run',
    'agents-llm apply --trust',
    'agents-llm apply --prune',
    'agents-llm apply --from-proxy --file agents-llm.yaml',
  ],
  json: '{file, change: "applied"|"unchanged"|"none"|"written"|"untrusted", allowed, plan: [{action: "create"|"update"|"remove", kind: "provider"|"alias"|"key"|"env", name, changes}], risks, written: {providers, aliases, keys}|null, elapsedMs}',
  exits: [3, 4, 5, 6, 7, 8, 9, 10],
};
